import type { Encryption } from '../../../src/objects/shapes.ts';
import type { ClusterPolicy, LocalNode, Mode, RemoteNode } from '../../../src/routes/model.ts';

/** The node of cluster east that the tests stand on. */
export const EAST: LocalNode = {
  cluster: 'east',
  uid: 'e1',
  underlay: { IPv4: '172.31.1.11', IPv6: 'fd00:31::11', mtu: 1500, device: 'eth0' },
  podCIDRs: ['10.11.1.0/24', 'fd00:11:1::/64'],
  source: { IPv4: '10.11.1.0', IPv6: 'fd00:11:1::' },
  guarded: [
    { cidr: '10.11.0.0/16', what: 'the pods of this cluster' },
    { cidr: '10.96.0.0/16', what: 'the services of this cluster' },
    { cidr: '172.31.1.0/27', what: 'the nodes of this cluster' },
  ],
  onLink: new Map(),
};

/**
 * Nodes of other clusters, a line each: cluster, uid, then addresses and pod CIDRs, and at the end `key=value` of
 * `mac`, `mtu`, `key`, `next`, `name`, `own` (its addresses in the pod network).
 */
export function nodesOf(text: string): RemoteNode[] {
  return text
    .trim()
    .split('\n')
    .filter(line => line.trim() !== '')
    .map(line => {
      const [cluster = '', uid = '', ...words] = line.trim().split(/\s+/);
      const options = new Map(words.filter(word => word.includes('=')).map(word => split(word)));
      const values = words.filter(word => !word.includes('='));
      const [mac, mtu, key, next, own] = ['mac', 'mtu', 'key', 'next', 'own'].map(name => options.get(name));
      return {
        cluster,
        uid,
        name: options.get('name') ?? `node-${uid}`,
        addresses: values.filter(value => !value.includes('/')),
        podCIDRs: values.filter(value => value.includes('/')),
        ...(mac === undefined ? {} : { vtepMAC: mac }),
        ...(mtu === undefined ? {} : { mtu: Number(mtu) }),
        ...(key === undefined ? {} : { wireguardPublicKey: key }),
        ...(next === undefined ? {} : { wireguardNextPublicKey: next }),
        ...(own === undefined ? {} : { podNetworkAddresses: own.split(',') }),
      };
    });
}

function split(word: string): readonly [string, string] {
  const at = word.indexOf('=');
  return [word.slice(0, at), word.slice(at + 1)];
}

export function policies(
  modes: Readonly<Record<string, readonly Mode[]>>,
  encryption: Readonly<Record<string, Encryption>> = {},
): ClusterPolicy[] {
  return Object.entries(modes).map(([cluster, list]) => {
    const wanted = encryption[cluster];
    return { cluster, modes: list, ...(wanted === undefined ? {} : { encryption: wanted }) };
  });
}

/** A public key of WireGuard's, of nobody. @param number below 256, another for another key */
export function publicKey(number: number): string {
  return Buffer.alloc(32, number).toString('base64');
}

/** Two clusters beside east, both by VXLAN. */
export const WEST_AND_NORTH = policies({ west: ['vxlan'], north: ['vxlan'] });

export const WEST = `
  west w1 172.31.1.41 fd00:31::41 10.21.1.0/24 fd00:21:1::/64
  west w2 172.31.1.42 10.21.2.0/24
`;
export const NORTH = 'north n1 172.31.1.51 10.31.1.0/24 fd00:31:1::/64';
