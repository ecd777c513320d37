import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '../kit/wait.ts';
import { Lab, type LabNode } from './lab.ts';

type Family = 'IPv4' | 'IPv6';

const FAMILIES: readonly Family[] = ['IPv4', 'IPv6'];

/** Somebody outside all clusters. */
const OUTSIDE = '172.31.1.254';

/** Cluster IPs of services whose only endpoint is a pod of the other cluster; the second are masqueraded to. */
const SERVICE = { IPv4: '10.96.0.10', IPv6: 'fd00:96::10' };
const MASQUERADED = { IPv4: '10.96.0.11', IPv6: 'fd00:96::11' };

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.of(['vxlan'], { routed: true });
  await lab.startInside(lab.fabric, 'pod.ts', 'echo');
});
afterAll(() => lab.remove());

describe('whatever leaves the cluster is masqueraded by the network plugin, with', () => {
  beforeEach(async () => {
    for (const { node } of [lab.here, lab.there])
      await node.commands.run('nft', ['flush', 'chain', 'inet', 'plugin', 'postrouting']);
  });

  test('nft', async () => {
    for (const { node, cluster } of [lab.here, lab.there]) {
      for (const family of FAMILIES) {
        const version = family === 'IPv4' ? 'ip' : 'ip6';
        const pods = podsOf(cluster, family);
        const match = `${version} saddr ${pods} ${version} daddr != ${pods}`;
        await done(node, `nft add rule inet plugin postrouting ${match} masquerade`);
      }
    }
    await onlyTheOutsideSeesNodes();
  });

  test.each(['nft', 'legacy'])('iptables-%s', async variant => {
    const programs = { IPv4: `iptables-${variant}`, IPv6: `ip6tables-${variant}` };
    const { code, errors } = await lab.here.node.commands.run(programs.IPv4, ['-t', 'nat', '-S']);
    if (code !== 0 && /Table does not exist/.test(errors)) {
      console.log(`not run: masquerade by iptables-${variant}: this kernel has no such tables: ${errors}`);
      return;
    }
    const change = async (verb: '-A' | '-D'): Promise<void> => {
      for (const { node, cluster } of [lab.here, lab.there]) {
        for (const family of FAMILIES) {
          const pods = podsOf(cluster, family);
          const rule = `-t nat ${verb} POSTROUTING -s ${pods} ! -d ${pods} -j MASQUERADE`;
          await done(node, `${programs[family]} -w ${rule}`);
        }
      }
    };
    await change('-A');
    await onlyTheOutsideSeesNodes();
    await change('-D');
  });
});

describe('a service whose endpoints are pods of another cluster', () => {
  beforeAll(async () => {
    for (const family of FAMILIES) {
      const version = family === 'IPv4' ? 'ip' : 'ip6';
      const pod = lab.there.podAddresses[family];
      for (const line of [
        'add table inet services',
        'add chain inet services translated { type nat hook prerouting priority dstnat; }',
        'add chain inet services marked { type filter hook prerouting priority mangle; }',
        'add chain inet services hidden { type nat hook postrouting priority srcnat; }',
        `add rule inet services marked ${version} daddr ${MASQUERADED[family]} meta mark set meta mark or 0x4000`,
        `add rule inet services translated ${version} daddr { ${SERVICE[family]}, ${MASQUERADED[family]} } dnat ${version} to ${pod}`,
        `add rule inet services hidden meta nfproto ${family.toLowerCase()} meta mark and 0x4000 == 0x4000 masquerade`,
      ])
        await done(lab.here.node, `nft ${line}`);
    }
  });

  test.each(FAMILIES)('they see who asked: %s', async family => {
    expect(await seen(lab.here, SERVICE[family])).toBe(lab.here.podAddresses[family]);
  });

  test.each(FAMILIES)('where kube-proxy marked that it masquerades, they see the node: %s', async family => {
    // The address in the pod network, which they have a way back to.
    const node = lab.here.pods[family].replace(/\/\d+$/, '');
    expect(await seen(lab.here, MASQUERADED[family])).toBe(node);
  });
});

/** And pods of the other cluster see pods, in both directions. */
async function onlyTheOutsideSeesNodes(): Promise<void> {
  const { here, there } = lab;
  expect(await seen(here, OUTSIDE)).toBe(here.address);
  for (const family of FAMILIES) {
    expect(await seen(here, there.podAddresses[family])).toBe(here.podAddresses[family]);
    expect(await seen(there, here.podAddresses[family])).toBe(there.podAddresses[family]);
  }
}

/** The address that a pod was seen with, once it was answered. */
function seen({ pod }: LabNode, address: string): Promise<string> {
  return waitFor(
    `an answer from ${address}`,
    async () => (JSON.parse(await lab.inside(pod, 'pod.ts', 'ask', address)) as string[]).join(),
    answer => answer !== 'nothing',
  );
}

/** Of all nodes of a cluster. */
function podsOf(cluster: number, family: Family): string {
  return family === 'IPv4' ? `10.1${cluster}.0.0/16` : `fd00:1${cluster}::/32`;
}

async function done({ commands }: LabNode['node'], line: string): Promise<void> {
  const [program = '', ...words] = line.split(' ');
  const { code, errors } = await commands.run(program, words);
  expect({ line, code, errors: code === 0 ? '' : errors }).toEqual({ line, code: 0, errors: '' });
}
