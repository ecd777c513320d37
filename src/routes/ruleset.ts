import type { RulesetEntry, SetName } from './entry.ts';
import { devicesOf } from './links.ts';
import { hash53 } from './mac.ts';
import type { Marks } from './model.ts';

/** A part of a rule in nftables' own JSON (libnftables-json(5)). */
type Expression = Readonly<Record<string, unknown>>;

export interface Chain {
  readonly name: string;
  /** Absent of a chain that only rules of others lead to; these stand before those. */
  readonly base?: {
    readonly type: 'filter' | 'nat';
    readonly hook: 'prerouting' | 'input' | 'output' | 'postrouting';
    readonly priority: number;
  };
  readonly rules: readonly Rule[];
}

interface Rule {
  readonly about: string;
  readonly match: readonly Expression[];
}

/** Sets of our table: their types, and whether their elements are blocks. */
export const SETS: Readonly<Record<SetName, { readonly type: string; readonly blocks: boolean }>> = {
  peers4: { type: 'ipv4_addr', blocks: false },
  peers6: { type: 'ipv6_addr', blocks: false },
  remote4: { type: 'ipv4_addr', blocks: true },
  remote6: { type: 'ipv6_addr', blocks: true },
  direct4: { type: 'ipv4_addr', blocks: true },
  direct6: { type: 'ipv6_addr', blocks: true },
  sealed4: { type: 'ipv4_addr', blocks: true },
  sealed6: { type: 'ipv6_addr', blocks: true },
  ipip4: { type: 'ipv4_addr', blocks: false },
};

/** kube-proxy's mark for what it has to masquerade: replies to that must come back to this node. */
const MASQUERADE_MARK = 0x4000;
/** Before connections are tracked: what is dropped there leaves nothing behind. */
const RAW = -300;
/** Before every other NAT chain: the first that changes a source decides, and later ones are not asked. */
const BEFORE_NAT = -150;
const BEFORE_FILTER = -10;
/** IPv4 in IPv4, among the numbers of protocols (RFC 2003). */
const IPIP = 4;
const VERSIONS = ['4', '6'] as const;

type Version = (typeof VERSIONS)[number];

/**
 * What our table does; the elements of its sets say to whom. Every packet of the node's comes by here: it is looked up
 * once in each direction whether it has to do with another cluster, and what has not is done with.
 */
export function chainsOf(marks: Marks): readonly Chain[] {
  return [
    notTracked('from-peer', 'saddr'),
    notTracked('to-peer', 'daddr'),
    ...sourceChains(marks),
    encapsulated(marks),
    ...leavingChains(marks),
    keepSource(),
    {
      name: 'untracked',
      base: { type: 'filter', hook: 'output', priority: RAW },
      rules: [tunnelled(marks, 'to-peer')],
    },
  ];
}

/** Pods of other clusters come through a tunnel or from where they are routed to, and nobody else does. */
function sourceChains(marks: Marks): Chain[] {
  const encrypted = encryptedDevices(marks);
  const clearIn = (version: Version): Rule => ({
    about: `clear-in${version}`,
    match: [equal(addressOf(version, 'saddr'), `@sealed${version}`), ...drop],
  });
  const tunnels = [...devicesOf(marks).keys()].map(device => [
    device,
    goto(encrypted.includes(device) ? 'from-tunnel' : 'from-tunnel-in-clear'),
  ]);
  return [
    {
      name: 'from-tunnel',
      rules: VERSIONS.map(version => ({
        about: `stranger-in-tunnel${version}`,
        match: [
          differ(addressOf(version, 'saddr'), `@remote${version}`),
          // Neighbour discovery.
          ...(version === '4' ? [] : [differ(addressOf('6', 'saddr'), prefix('fe80::', 10))]),
          ...drop,
        ],
      })),
    },
    {
      name: 'from-tunnel-in-clear',
      rules: [...VERSIONS.map(clearIn), { about: 'not-sealed', match: [goto('from-tunnel')] }],
    },
    ...VERSIONS.map(version => ({
      name: `remote-from-elsewhere${version}`,
      rules: [
        clearIn(version),
        {
          about: `remote-outside${version}`,
          match: [differ(addressOf(version, 'saddr'), `@direct${version}`), ...drop],
        },
      ],
    })),
    {
      name: 'sources',
      base: { type: 'filter', hook: 'prerouting', priority: RAW },
      rules: [
        {
          about: 'tunnels',
          match: [{ vmap: { key: { meta: { key: 'iifname' } }, data: { set: tunnels } } }],
        },
        // Whatever is sealed is remote, too.
        ...VERSIONS.map(version => ({
          about: `remote${version}`,
          match: [
            equal(addressOf(version, 'saddr'), `@remote${version}`),
            goto(`remote-from-elsewhere${version}`),
          ],
        })),
        tunnelled(marks, 'from-peer'),
      ],
    },
  ];
}

/** What goes in and comes out by them is encrypted on its way. */
function encryptedDevices({ wireguard }: Marks): readonly string[] {
  return [wireguard.device, wireguard.detour.device];
}

function tunnelled({ vxlan: { port } }: Marks, target: 'from-peer' | 'to-peer'): Rule {
  return {
    about: 'tunnelled',
    match: [equal({ payload: { protocol: 'udp', field: 'dport' } }, port), goto(target)],
  };
}

/**
 * Tunnelled packets between nodes are no connections: each stream in a tunnel would be two that nobody answers, in a
 * table that has room for so many.
 */
function notTracked(name: string, field: 'saddr' | 'daddr'): Chain {
  return {
    name,
    rules: VERSIONS.map(version => ({
      about: `untracked${version}`,
      match: [equal(addressOf(version, field), `@peers${version}`), { notrack: null }],
    })),
  };
}

/** Encapsulated packets from peers only: otherwise whoever reaches the port speaks for every pod. */
function encapsulated({ vxlan: { port } }: Marks): Chain {
  return {
    name: 'encapsulated',
    // Here and not before: what others redirect to the port is to be seen as well.
    base: { type: 'filter', hook: 'input', priority: BEFORE_FILTER },
    rules: [
      ...VERSIONS.map(version => ({
        about: `spoofed-vxlan${version}`,
        match: [
          equal({ payload: { protocol: 'udp', field: 'dport' } }, port),
          differ(addressOf(version, 'saddr'), `@peers${version}`),
          ...drop,
        ],
      })),
      {
        // Only where such packets are for us: many network plugins send their own.
        about: 'spoofed-ipip',
        match: [
          equal({ payload: { protocol: 'ip', field: 'protocol' } }, IPIP),
          equal(addressOf('4', 'daddr'), '@ipip4'),
          differ(addressOf('4', 'saddr'), '@peers4'),
          ...drop,
        ],
      },
    ],
  };
}

function leavingChains(marks: Marks): Chain[] {
  return [
    {
      // Where the news that a packet was too big gets lost, TCP still must not send any.
      name: 'segments',
      rules: VERSIONS.map(version => ({
        about: `segment-size${version}`,
        match: [
          equal(addressOf(version, 'daddr'), `@remote${version}`),
          {
            mangle: {
              key: { 'tcp option': { name: 'maxseg', field: 'size' } },
              value: { rt: { key: 'mtu' } },
            },
          },
        ],
      })),
    },
    {
      name: 'leaving',
      base: { type: 'filter', hook: 'postrouting', priority: BEFORE_FILTER },
      rules: [
        // Also when somebody removed our routes, or the rule that leads to them.
        ...VERSIONS.map(version => ({
          about: `clear-out${version}`,
          match: [
            equal(addressOf(version, 'daddr'), `@sealed${version}`),
            differ({ meta: { key: 'oifname' } }, { set: encryptedDevices(marks) }),
            ...drop,
          ],
        })),
        {
          about: 'connects',
          match: [
            equal({ '&': [{ payload: { protocol: 'tcp', field: 'flags' } }, ['syn', 'rst']] }, 'syn'),
            goto('segments'),
          ],
        },
      ],
    },
  ];
}

/** To change a source into itself is to change it: no masquerade of the network plugin's comes to see the packet. */
function keepSource(): Chain {
  return {
    name: 'keep-source',
    base: { type: 'nat', hook: 'postrouting', priority: BEFORE_NAT },
    rules: [
      {
        about: 'kube-proxy',
        match: [
          equal({ '&': [{ meta: { key: 'mark' } }, MASQUERADE_MARK] }, MASQUERADE_MARK),
          { return: null },
        ],
      },
      ...VERSIONS.map(version => ({
        about: `keep-source${version}`,
        match: [
          equal(addressOf(version, 'daddr'), `@remote${version}`),
          { snat: { family: version === '4' ? 'ip' : 'ip6', addr: addressOf(version, 'saddr') } },
        ],
      })),
    ],
  };
}

/** What has to be found as comments of the rules, in their order, for the table to be taken for ours as it is. */
export function rulesetOf(marks: Marks): RulesetEntry {
  const chains = chainsOf(marks);
  const comments = chains.flatMap(chain =>
    chain.rules.map((_, index) => `${chain.name}/${commentOf(chain, index)}`),
  );
  return { kind: 'ruleset', rules: comments.join(' ') };
}

/** Names a rule and holds a hash of it: nftables prints rules in words that change from version to version. */
export function commentOf(chain: Chain, index: number): string {
  const rule = chain.rules[index];
  const { name, base } = chain;
  return `${rule?.about}-${hash53(JSON.stringify([name, base, rule?.match])).toString(36)}`;
}

const drop: readonly Expression[] = [{ counter: { packets: 0, bytes: 0 } }, { drop: null }];

function goto(target: string): Expression {
  return { goto: { target } };
}

function addressOf(version: Version, field: 'saddr' | 'daddr'): Expression {
  return { payload: { protocol: version === '4' ? 'ip' : 'ip6', field } };
}

function prefix(addr: string, len: number): Expression {
  return { prefix: { addr, len } };
}

function equal(left: Expression, right: unknown): Expression {
  return { match: { op: '==', left, right } };
}

function differ(left: Expression, right: unknown): Expression {
  return { match: { op: '!=', left, right } };
}
