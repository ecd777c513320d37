import { describe, expect, test } from 'vitest';
import { nodeReader } from '../../src/objects/node.ts';
import {
  type PublishedNode,
  publishedAnnotations,
  readPublishedNode,
} from '../../src/objects/node-annotations.ts';
import { Problems } from '../../src/objects/problem.ts';
import { readYaml } from '../kit/reading.ts';

const everything: PublishedNode = {
  underlayAddresses: ['192.0.2.7', '2001:db8::7'],
  mtu: 1_450,
  vtepMAC: '02:00:5e:10:00:01',
  wireguardPublicKey: `${'A'.repeat(42)}A=`,
  wireguardNextPublicKey: `${'B'.repeat(42)}A=`,
  podNetworkAddresses: ['10.1.2.0'],
  dataPath: new Map([
    ['west', 'down'],
    ['north', 'up'],
  ]),
  routes: new Map([
    ['west', { modes: { vxlan: 2 }, unreached: { nodes: 1, named: ['w3'] }, why: 'NoWay: no key' }],
  ]),
};

describe('what a node publishes as annotations', () => {
  test('is as it was written', () => {
    const annotations = publishedAnnotations(everything);
    expect(annotations).toEqual({
      'causeway.dev/underlay-addresses': '192.0.2.7,2001:db8::7',
      'causeway.dev/underlay-mtu': '1450',
      'causeway.dev/vtep-mac': '02:00:5e:10:00:01',
      'causeway.dev/wireguard-public-key': `${'A'.repeat(42)}A=`,
      'causeway.dev/wireguard-next-public-key': `${'B'.repeat(42)}A=`,
      'causeway.dev/pod-network-addresses': '10.1.2.0',
      'causeway.dev/data-path': '{"north":"up","west":"down"}',
      'causeway.dev/routes':
        '{"west":{"modes":{"vxlan":2},"unreached":{"nodes":1,"named":["w3"]},"why":"NoWay: no key"}}',
    });
    expect(readPublishedNode(annotations, Problems.ignored())).toEqual(everything);
  });

  test('nothing takes all of them away', () => {
    const annotations = publishedAnnotations({});
    expect(Object.values(annotations)).toEqual(Array(8).fill(null));
  });

  test.each([
    { name: 'underlay-addresses', text: '192.0.2.7;rm' },
    { name: 'underlay-addresses', text: Array(17).fill('192.0.2.7').join(',') },
    { name: 'underlay-mtu', text: '1279' },
    { name: 'underlay-mtu', text: '65536' },
    { name: 'underlay-mtu', text: '1500 ' },
    { name: 'vtep-mac', text: '01:00:5e:10:00:01' },
    { name: 'wireguard-public-key', text: 'secret' },
    { name: 'wireguard-next-public-key', text: `${'A'.repeat(43)}B=` },
    { name: 'pod-network-addresses', text: '' },
    { name: 'data-path', text: '{"west":"up"' },
    { name: 'data-path', text: '["up"]' },
    { name: 'data-path', text: '{"west":"maybe"}' },
    { name: 'data-path', text: '{"../west":"up"}' },
  ])('$name: $text counts as absent, and the node is read', ({ name, text }) => {
    const node = { metadata: { name: 'node-1', annotations: { [`causeway.dev/${name}`]: text } } };
    const { object, problems } = readYaml(nodeReader, JSON.stringify(node));
    expect(object).toEqual({ kind: 'Node', name: 'node-1', podCIDRs: [], addresses: [] });
    expect(problems).toMatchObject([
      { severity: 'warning', field: `metadata.annotations["causeway.dev/${name}"]` },
    ]);
  });
});
