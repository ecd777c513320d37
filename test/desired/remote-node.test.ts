import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { desiredRemoteNode, remoteNodeManifest, remoteNodeName } from '../../src/desired/remote-node.ts';
import { isSubdomain } from '../../src/objects/fields.ts';
import { type NodeObject, remoteNodeReader } from '../../src/objects/node.ts';
import { Problems } from '../../src/objects/problem.ts';
import { crdOf, faultsOf, storedSchemaOf } from '../kit/crd-schema.ts';

const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();
const schema = storedSchemaOf(crdOf('remotenodes'));

function desired(node: Partial<NodeObject>) {
  const whole: NodeObject = { kind: 'Node', name: 'node-1', podCIDRs: [], addresses: [], ...node };
  return desiredRemoteNode('east', 'east', whole, [], sha256);
}

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?$/);
const subdomain = fc.array(label, { minLength: 1, maxLength: 4 }).map(labels => labels.join('.'));

describe('the name of a RemoteNode', () => {
  test.each([
    ['is the cluster and the node', 'east', 'node-1', 'east.node-1'],
    ['goes on with whatever the node is called', 'east', 'node-1.example.com', 'east.node-1.example.com'],
    ['holds no dot where the cluster does', 'east.eu', 'node-1', /^east-eu-node-1-[0-9a-v]{20}$/],
    ['is cut where it is too long', 'east', 'n'.repeat(253), /^east-n{200,}-[0-9a-v]{20}$/],
  ])('%s', (_, cluster, node, name) => {
    expect(remoteNodeName(cluster, node, sha256)).toMatch(name instanceof RegExp ? name : `${name}`);
  });

  test('is that of no other node of any cluster, though their parts may be cut at any dot', () => {
    fc.assert(
      fc.property(subdomain, fc.nat(3), fc.nat(3), (text, one, other) => {
        const labels = text.split('.');
        const names = [one, other].flatMap(at => {
          const [cluster, node] = [labels.slice(0, at).join('.'), labels.slice(at).join('.')];
          return cluster === '' || node === '' ? [] : [remoteNodeName(cluster, node, sha256)];
        });
        fc.pre(names.length === 2 && one !== other);
        expect(new Set(names).size).toBe(2);
      }),
    );
  });

  test('is not that of a node whose name was made to look like a hashed one', () => {
    const hashed = remoteNodeName('east.eu', 'node-1', sha256);
    const [first = '', ...rest] = hashed.split('-');
    expect(remoteNodeName(first, rest.join('-'), sha256)).not.toBe(hashed);
  });

  test('is one that an API server takes', () => {
    fc.assert(
      fc.property(subdomain, fc.stringMatching(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/), (cluster, node) => {
        fc.pre(isSubdomain(node));
        expect(isSubdomain(remoteNodeName(cluster, node, sha256))).toBe(true);
      }),
    );
  });
});

describe('what is taken over of a Node', () => {
  test('is what its routing agent says, before what the kubelet does', () => {
    const { node, leftOut } = desired({
      uid: 'u-1',
      ready: true,
      addresses: ['10.0.0.1'],
      underlayAddresses: ['192.0.2.1', 'fd00:0::1'],
      podCIDRs: ['10.1.0.0/24'],
      mtu: 1450,
      podNetworkAddresses: ['10.1.0.1'],
      zone: 'a',
      dataPath: new Map([['west', 'up']]),
    });
    expect(leftOut).toEqual([]);
    expect(node).toEqual({
      kind: 'RemoteNode',
      cluster: 'east',
      name: 'node-1',
      uid: 'u-1',
      ready: true,
      addresses: ['192.0.2.1', 'fd00::1'],
      podCIDRs: ['10.1.0.0/24'],
      mtu: 1450,
      podNetworkAddresses: ['10.1.0.1'],
    });
  });

  test.each<[string, Partial<NodeObject>, string]>([
    [
      'no address',
      { addresses: ['10.0.0.1; reboot'] },
      'addresses: found "10.0.0.1; reboot": must be an IP address',
    ],
    [
      'an IPv4-mapped one',
      { addresses: ['::ffff:10.0.0.1'] },
      'addresses: found "::ffff:10.0.0.1": must be an IP address',
    ],
    [
      'host bits',
      { podCIDRs: ['10.1.0.7/24'] },
      'podCIDRs: found "10.1.0.7/24": must be a block such as 10.1.2.0/24, without host bits',
    ],
    [
      'too many',
      { podCIDRs: Array.from({ length: 20 }, (_, n) => `10.1.${n}.0/24`) },
      'podCIDRs: found 20: must be 16 at most',
    ],
    ['a uid that is none', { uid: 'u 1' }, 'uid: found "u 1": must be a uid'],
  ])('%s is left out, and told', (_, node, told) => {
    expect(desired(node).leftOut).toEqual([told]);
  });

  const text = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.string(),
    fc.constantFrom('10.0.0.0/8', 'fd00::/64', '0.0.0.0/0'),
  );
  const anything: fc.Arbitrary<Partial<NodeObject>> = fc.record(
    {
      name: subdomain,
      uid: fc.oneof(fc.uuid(), fc.string()),
      ready: fc.boolean(),
      addresses: fc.array(text, { maxLength: 40 }),
      underlayAddresses: fc.array(text, { maxLength: 40 }),
      podCIDRs: fc.array(text, { maxLength: 40 }),
      podNetworkAddresses: fc.array(text, { maxLength: 40 }),
      mtu: fc.integer({ min: 1280, max: 65_535 }),
    },
    { noNullPrototype: true },
  );

  test('is never refused, whatever a Node says, and reads back as it was meant', () => {
    fc.assert(
      fc.property(anything, given => {
        const wanted = desired(given);
        const manifest = remoteNodeManifest(wanted);
        expect(faultsOf(schema, manifest)).toEqual([]);
        const { addresses, podCIDRs } = wanted.node;
        for (const list of [addresses, podCIDRs]) expect(new Set(list).size).toBe(list.length);
        expect(remoteNodeReader.read(manifest, Problems.ignored())).toEqual(wanted.node);
      }),
    );
  });
});
