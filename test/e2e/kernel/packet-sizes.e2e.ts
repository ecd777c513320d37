import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../kit/wait.ts';
import { Lab, type LabNode } from './lab.ts';
import type { Namespace } from './namespace.ts';

/** Enough that the sender's window opens and segments are as large as they may be. */
const OCTETS = 20_000_000;
const FAMILIES = ['IPv4', 'IPv6'] as const;

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.of(['vxlan'], { routed: true });
  for (const { pod } of [lab.here, lab.there]) await lab.startInside(pod, 'transfer.ts', 'serve');
});
afterAll(() => lab.remove());

describe.each([
  { row: 'the smaller network is there', sizes: [1500, 1400], most: 1350 },
  { row: 'the smaller network is here', sizes: [1400, 1500], most: 1350 },
  { row: 'both are alike', sizes: [1500, 1500], most: 1450 },
])('$row', ({ sizes: [one = 0, two = 0], most }) => {
  beforeAll(async () => {
    await lab.resize(1, one);
    await lab.resize(2, two);
    // What the pods have learnt holds for ten minutes.
    for (const { pod } of lab.nodes)
      for (const family of ['-4', '-6']) await pod.commands.run('ip', [family, 'route', 'flush', 'cache']);
  });

  test.each(FAMILIES)('what is sent from pod to pod is never taken apart on the way: %s', async family => {
    const { here, there } = lab;
    const before = await fragments();
    for (const [from, to] of [
      [here, there],
      [there, here],
    ] as const) {
      const address = to.podAddresses[family];
      expect(await lab.inside(from.pod, 'transfer.ts', 'exchange', address, `${OCTETS}`)).toBe(`${OCTETS}\n`);
    }
    expect(await fragments()).toEqual(before);
  });

  test.each(FAMILIES)(
    'a connection is told in both directions how large its segments may be: %s',
    async family => {
      const { here, there } = lab;
      const headers = family === 'IPv4' ? 40 : 60;
      for (const { pod } of [here, there]) await countSegmentSizes(pod, most - headers);
      await lab.inside(here.pod, 'transfer.ts', 'exchange', there.podAddresses[family], '1');
      // The SYN, and the answer to it.
      expect(await segmentSizes(there.pod)).toEqual({ fitting: 1, other: 0 });
      expect(await segmentSizes(here.pod)).toEqual({ fitting: 1, other: 0 });
    },
  );

  test.each(FAMILIES)('a pod that sends more learns how much it may be: %s', async family => {
    const { here, there } = lab;
    expect(await largestTo(here, there.podAddresses[family])).toBeUndefined();
    await waitFor(
      `the pod's own idea of the way: ${most}`,
      async () => {
        await lab.inside(here.pod, 'transfer.ts', 'datagram', there.podAddresses[family], `${most + 1}`);
        return largestTo(here, there.podAddresses[family]);
      },
      found => found === most,
    );
  });
});

/** Packets that any node, or the network between them, took apart or put together. */
async function fragments(): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const place of [lab.fabric, ...lab.nodes.map(({ node }) => node)]) {
    for (const [field, count] of await counters(place))
      if (/^(Ip|Ip6)(Frag|Reasm)/.test(field)) found[`${place.name} ${field}`] = count;
  }
  // A name that the kernel does not use would be found zero times before and after.
  expect(Object.keys(found).filter(name => /ReasmReqds|FragCreates/.test(name)).length).toBe(4 * 5);
  return found;
}

/** Counters of the kernel, such as `IpReasmReqds` and `Ip6FragCreates`. */
async function counters({ commands }: Namespace): Promise<Map<string, number>> {
  const { output } = await commands.run('cat', ['/proc/net/snmp', '/proc/net/snmp6']);
  const found = new Map<string, number>();
  const lines = output.split('\n');
  for (const [index, line] of lines.entries()) {
    const [name = '', ...words] = line.trim().split(/\s+/);
    if (name === 'Ip:' && words[0] === 'Forwarding') {
      const values = (lines[index + 1] ?? '').split(/\s+/).slice(1);
      for (const [at, word] of words.entries()) found.set(`Ip${word}`, Number(values[at]));
    } else if (name.startsWith('Ip6')) {
      found.set(name, Number(words[0]));
    }
  }
  return found;
}

async function countSegmentSizes({ commands }: Namespace, most: number): Promise<void> {
  const rules = [
    'add table inet watch',
    'delete table inet watch',
    'add table inet watch',
    'add chain inet watch input { type filter hook input priority 0; }',
    `add rule inet watch input tcp flags & syn == syn tcp option maxseg size ${most} counter comment "fitting"`,
    `add rule inet watch input tcp flags & syn == syn tcp option maxseg size != ${most} counter comment "other"`,
  ];
  const { code, errors } = await commands.run('nft', ['-f', '-'], `${rules.join('\n')}\n`);
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
}

async function segmentSizes({ commands }: Namespace): Promise<Record<string, number>> {
  const { output } = await commands.run('nft', ['list', 'table', 'inet', 'watch']);
  const found = output.matchAll(/counter packets (\d+) bytes \d+ comment "(\w+)"/g);
  return Object.fromEntries(Array.from(found, ([, count, name]) => [name, Number(count)]));
}

/** What a pod takes for the largest packet that gets to an address. */
async function largestTo({ pod }: LabNode, address: string): Promise<number | undefined> {
  const { output } = await pod.commands.run('ip', ['-j', 'route', 'get', address]);
  const [route] = JSON.parse(output) as { readonly metrics?: readonly { readonly mtu?: number }[] }[];
  return route?.metrics?.find(({ mtu }) => mtu !== undefined)?.mtu;
}
