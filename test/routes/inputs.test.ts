import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { nodeReader, remoteNodeReader } from '../../src/objects/node.ts';
import { Problems } from '../../src/objects/problem.ts';
import { remoteClusterReader } from '../../src/objects/remote-cluster.ts';
import { guardedBy, policiesOf, remoteNodesOf } from '../../src/routes/inputs.ts';
import { checkNodes } from '../../src/routes/validate.ts';

const read = <T>(
  reader: { read(raw: Record<string, unknown>, problems: Problems): T | undefined },
  yaml: string,
): T[] => yaml.split('---').flatMap(text => reader.read(parse(text), Problems.ignored()) ?? []);

describe('RemoteNodes', () => {
  test('what was published of a node is what is planned with', () => {
    const nodes = remoteNodesOf(
      read(
        remoteNodeReader,
        `
        apiVersion: causeway.dev/v1alpha1
        kind: RemoteNode
        metadata: {name: west.worker-1}
        spec:
          cluster: west
          nodeName: worker-1
          nodeUID: 5b1f0e9c-9a4c-4a8e-8a51-2f4b6f2f9f10
          addresses: [172.31.2.21, 'fd00:31:2::21']
          podCIDRs: [10.21.1.0/24]
          mtu: 1400
          vtepMAC: 02:1b:3c:4d:5e:6f
          podNetworkAddresses: [10.21.1.1]
        `,
      ),
    );
    expect(checkNodes(nodes, 'east', 1500)).toMatchObject({
      faults: [],
      peers: [
        {
          cluster: 'west',
          uid: '5b1f0e9c-9a4c-4a8e-8a51-2f4b6f2f9f10',
          name: 'worker-1',
          underlay: { IPv4: '172.31.2.21', IPv6: 'fd00:31:2::21', mtu: 1400 },
          blocks: [{ cidr: '10.21.1.0/24', nodeAddress: '10.21.1.1' }],
          mac: '02:1b:3c:4d:5e:6f',
        },
      ],
    });
  });

  test('one without a uid is known by its name', () => {
    const text = 'spec: {cluster: west, nodeName: worker-1, addresses: [172.31.2.21]}';
    expect(remoteNodesOf(read(remoteNodeReader, text))).toMatchObject([{ uid: 'worker-1' }]);
  });

  test('the nodes of this cluster are none', () => {
    expect(remoteNodesOf(read(nodeReader, 'metadata: {name: worker-1}'))).toEqual([]);
  });
});

describe('which clusters are routed to', () => {
  const remote = (
    name: string,
    id: string,
    mode = 'Enabled',
    { modes = '[]', encryption = 'Off' } = {},
  ): string => `
    metadata: {name: ${name}}
    spec:
      secretRef: {name: ${name}}
      overlayRoutingMode: ${mode}
      routingModes: ${modes}
      encryption: ${encryption}
    status: {${id === '' ? '' : `clusterId: ${id}`}}
  `;

  test.each([
    {
      row: 'by the ways that it names, in its own order',
      of: [remote('w', 'west', 'Enabled', { modes: '[Direct, VXLAN]' })],
      is: ['west direct,vxlan Off'],
    },
    {
      row: 'by none, whatever ways it names, where it wants no routes',
      of: [remote('w', 'west', 'Disabled', { modes: '[VXLAN]' })],
      is: ['west none -'],
    },
    {
      row: 'those that want routes',
      of: [remote('w', 'west'), remote('n', 'north')],
      is: ['north vxlan Off', 'west vxlan Off'],
    },
    { row: 'those that want none have none', of: [remote('w', 'west', 'Disabled')], is: ['west none -'] },
    { row: 'one that has not told its id is not known', of: [remote('w', '')], is: [] },
    {
      row: 'the same cluster twice: no routes go before routes',
      of: [remote('a', 'west', 'Disabled'), remote('b', 'west')],
      is: ['west none -'],
    },
    {
      row: 'the same cluster twice: the stricter about encryption',
      of: [
        remote('a', 'west', 'Enabled', { encryption: 'Preferred' }),
        remote('b', 'west', 'Enabled', { encryption: 'Required' }),
      ],
      is: ['west vxlan Required'],
    },
    {
      row: 'without routes there is nothing to encrypt',
      of: [remote('a', 'west', 'Disabled', { encryption: 'Required' })],
      is: ['west none -'],
    },
  ])('$row', ({ of, is }) => {
    for (const texts of [of, of.toReversed()]) {
      const clusters = texts.flatMap(text => read(remoteClusterReader, text));
      expect(
        policiesOf(clusters, ['vxlan']).map(
          ({ cluster, modes, encryption = '-' }) => `${cluster} ${modes} ${encryption}`,
        ),
      ).toEqual(is);
    }
  });
});

test('what no other cluster may take; where a node says to be reached does not count', () => {
  const nodes = read(
    nodeReader,
    `
    metadata:
      name: worker-1
      annotations: {causeway.dev/underlay-addresses: '10.21.1.5,172.31.2.21'}
    spec: {podCIDRs: [10.11.1.0/24, 'fd00:11:1::/64']}
    status: {addresses: [{type: InternalIP, address: 172.31.1.11}, {type: Hostname, address: worker-1}]}
    `,
  );
  expect(
    guardedBy(nodes, ['10.96.0.0/16'], ['192.0.2.1']).map(({ cidr, what }) => `${cidr}, ${what}`),
  ).toEqual([
    '10.96.0.0/16, the services of this cluster',
    '10.11.1.0/24, the pods of this cluster',
    'fd00:11:1::/64, the pods of this cluster',
    '172.31.1.11/32, the nodes of this cluster',
    '192.0.2.1/32, an API server of this cluster',
  ]);
});
