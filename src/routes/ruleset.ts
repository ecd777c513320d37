import type { RulesetEntry, SetName } from './entry.ts';
import { devicesOf } from './links.ts';
import { hash53 } from './mac.ts';
import { DEVICE_PREFIX, type Marks } from './model.ts';
import {
  addressOf,
  differ,
  drop,
  type Expression,
  equal,
  goto,
  prefix,
  VERSIONS,
  type Version,
} from './nft-expression.ts';

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
  tunnelled4: { type: 'ipv4_addr', blocks: true },
  tunnelled6: { type: 'ipv6_addr', blocks: true },
  direct4: { type: 'ipv4_addr', blocks: true },
  direct6: { type: 'ipv6_addr', blocks: true },
  sealed4: { type: 'ipv4_addr', blocks: true },
  sealed6: { type: 'ipv6_addr', blocks: true },
  ipip4: { type: 'ipv4_addr', blocks: false },
};

/**
 * What sets were called in rules of before. An agent that takes up such a table knows by them what it holds of clusters
 * that nothing is known of yet, or that are not to be touched now.
 */
export const FORMER_SETS: ReadonlyMap<string, SetName> = new Map([
  ['remote4', 'tunnelled4'],
  ['remote6', 'tunnelled6'],
]);

/** kube-proxy's mark for what it has to masquerade: replies to that must come back to this node. */
const MASQUERADE_MARK = 0x4000;
/** Before connections are tracked: what is dropped there leaves nothing behind. */
const RAW = -300;
/** Before every other NAT chain: the first that changes a source decides, and later ones are not asked. */
const BEFORE_NAT = -150;
const BEFORE_FILTER = -10;
/** IPv4 in IPv4, among the numbers of protocols (RFC 2003). */
const IPIP = 4;
/** Of these sets is every block of another cluster's in one, or in both. */
const BLOCKS = ['tunnelled', 'direct'] as const;
const INPUT: Expression = { meta: { key: 'iifname' } };

/**
 * What our table does; the elements of its sets say to whom. Every packet of the node's comes by here, and most have
 * nothing to do with another cluster, or come from one without a tunnel: these are looked up once in each direction.
 */
export function chainsOf(marks: Marks): readonly Chain[] {
  return [
    notTracked('from-peer', 'saddr'),
    notTracked('to-peer', 'daddr'),
    ...sourceChains(marks),
    ...encapsulatedChains(marks),
    ...leavingChains(marks),
    keepSource(),
    {
      name: 'untracked',
      base: { type: 'filter', hook: 'output', priority: RAW },
      rules: [toPort(marks, 'to-peer')],
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
          ...BLOCKS.map(blocks => differ(addressOf(version, 'saddr'), `@${blocks}${version}`)),
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
      name: 'from-elsewhere',
      rules: [
        // Whatever is sealed is tunnelled, too.
        ...VERSIONS.map(version => ({
          about: `tunnelled${version}`,
          match: [
            equal(addressOf(version, 'saddr'), `@tunnelled${version}`),
            goto(`remote-from-elsewhere${version}`),
          ],
        })),
        toPort(marks, 'from-peer'),
      ],
    },
    {
      name: 'sources',
      base: { type: 'filter', hook: 'prerouting', priority: RAW },
      rules: [
        // To compare how a name begins costs less than to look it up, and most come from other devices.
        { about: 'no-tunnel', match: [differ(INPUT, `${DEVICE_PREFIX}*`), goto('from-elsewhere')] },
        { about: 'tunnels', match: [{ vmap: { key: INPUT, data: { set: tunnels } } }] },
        { about: 'neither', match: [goto('from-elsewhere')] },
      ],
    },
  ];
}

/** What goes in and comes out by them is encrypted on its way. */
function encryptedDevices({ wireguard }: Marks): readonly string[] {
  return [wireguard.device, wireguard.detour.device];
}

function toPort({ vxlan: { port } }: Marks, target: string): Rule {
  return {
    about: 'to-port',
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
function encapsulatedChains(marks: Marks): Chain[] {
  return [
    {
      name: 'to-vxlan',
      rules: VERSIONS.map(version => ({
        about: `spoofed-vxlan${version}`,
        match: [differ(addressOf(version, 'saddr'), `@peers${version}`), ...drop],
      })),
    },
    {
      name: 'encapsulated',
      // Here and not before: what others redirect to the port is to be seen as well.
      base: { type: 'filter', hook: 'input', priority: BEFORE_FILTER },
      rules: [
        toPort(marks, 'to-vxlan'),
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
    },
  ];
}

function leavingChains(marks: Marks): Chain[] {
  return [
    {
      // Where the news that a packet was too big gets lost, TCP still must not send any.
      name: 'segments',
      rules: toRemote('segment-size', () => [
        {
          mangle: {
            key: { 'tcp option': { name: 'maxseg', field: 'size' } },
            value: { rt: { key: 'mtu' } },
          },
        },
      ]),
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
      ...toRemote('keep-source', version => [
        { snat: { family: version === '4' ? 'ip' : 'ip6', addr: addressOf(version, 'saddr') } },
      ]),
    ],
  };
}

/** For what goes to pods of other clusters. */
function toRemote(about: string, what: (version: Version) => readonly Expression[]): Rule[] {
  return VERSIONS.flatMap(version =>
    BLOCKS.map(blocks => ({
      about: `${about}-${blocks}${version}`,
      match: [equal(addressOf(version, 'daddr'), `@${blocks}${version}`), ...what(version)],
    })),
  );
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
