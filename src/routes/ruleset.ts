import type { RulesetEntry, SetName } from './entry.ts';
import { devicesOf } from './links.ts';
import { hash53 } from './mac.ts';
import type { Marks } from './model.ts';

/** A part of a rule in nftables' own JSON (libnftables-json(5)). */
type Expression = Readonly<Record<string, unknown>>;

export interface Chain {
  readonly name: string;
  readonly type: 'filter' | 'nat';
  readonly hook: 'prerouting' | 'input' | 'forward' | 'postrouting';
  readonly priority: number;
  readonly rules: readonly { readonly about: string; readonly match: readonly Expression[] }[];
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
/** Before every other NAT chain: the first that changes a source decides, and later ones are not asked. */
const BEFORE_NAT = -150;
const MANGLE = -150;
const BEFORE_FILTER = -10;
/** IPv4 in IPv4, among the numbers of protocols (RFC 2003). */
const IPIP = 4;

/** What our table does; the elements of its sets say to whom. */
export function chainsOf(marks: Marks): readonly Chain[] {
  const { port } = marks.vxlan;
  const incoming = { meta: { key: 'iifname' } };
  const tunnels = { set: [...devicesOf(marks).keys()] };
  return [
    {
      // Encapsulated packets from peers only: otherwise whoever reaches the port speaks for every pod.
      name: 'encapsulated',
      type: 'filter',
      hook: 'input',
      priority: BEFORE_FILTER,
      rules: [
        ...(['4', '6'] as const).map(version => ({
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
    },
    {
      // Pods of other clusters come through a tunnel or from where they are routed to, and nobody else does.
      name: 'sources',
      type: 'filter',
      hook: 'prerouting',
      priority: MANGLE,
      rules: (['4', '6'] as const).flatMap(version => [
        {
          about: `stranger-in-tunnel${version}`,
          match: [
            equal(incoming, tunnels),
            differ(addressOf(version, 'saddr'), `@remote${version}`),
            // Neighbour discovery.
            ...(version === '4' ? [] : [differ(addressOf('6', 'saddr'), prefix('fe80::', 10))]),
            ...drop,
          ],
        },
        {
          about: `remote-outside${version}`,
          match: [
            differ(incoming, tunnels),
            equal(addressOf(version, 'saddr'), `@remote${version}`),
            differ(addressOf(version, 'saddr'), `@direct${version}`),
            ...drop,
          ],
        },
        {
          about: `clear-in${version}`,
          match: [
            differ(incoming, marks.wireguard.device),
            equal(addressOf(version, 'saddr'), `@sealed${version}`),
            ...drop,
          ],
        },
      ]),
    },
    {
      // Also when somebody removed our routes, or the rule that leads to them.
      name: 'sealed',
      type: 'filter',
      hook: 'postrouting',
      priority: BEFORE_FILTER,
      rules: (['4', '6'] as const).map(version => ({
        about: `clear-out${version}`,
        match: [
          differ({ meta: { key: 'oifname' } }, marks.wireguard.device),
          equal(addressOf(version, 'daddr'), `@sealed${version}`),
          ...drop,
        ],
      })),
    },
    {
      // To change a source into itself is to change it: no masquerade of the network plugin's comes to see the packet.
      name: 'keep-source',
      type: 'nat',
      hook: 'postrouting',
      priority: BEFORE_NAT,
      rules: [
        {
          about: 'kube-proxy',
          match: [
            equal({ '&': [{ meta: { key: 'mark' } }, MASQUERADE_MARK] }, MASQUERADE_MARK),
            { return: null },
          ],
        },
        ...(['4', '6'] as const).map(version => ({
          about: `keep-source${version}`,
          match: [
            equal(addressOf(version, 'daddr'), `@remote${version}`),
            { snat: { family: version === '4' ? 'ip' : 'ip6', addr: addressOf(version, 'saddr') } },
          ],
        })),
      ],
    },
    {
      // Where the news that a packet was too big gets lost, TCP still must not send any.
      name: 'segments',
      type: 'filter',
      hook: 'forward',
      priority: MANGLE,
      rules: (['4', '6'] as const).map(version => ({
        about: `segment-size${version}`,
        match: [
          equal(addressOf(version, 'daddr'), `@remote${version}`),
          equal({ '&': [{ payload: { protocol: 'tcp', field: 'flags' } }, ['syn', 'rst']] }, 'syn'),
          {
            mangle: {
              key: { 'tcp option': { name: 'maxseg', field: 'size' } },
              value: { rt: { key: 'mtu' } },
            },
          },
        ],
      })),
    },
  ];
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
  const { name, type, hook, priority } = chain;
  return `${rule?.about}-${hash53(JSON.stringify([name, type, hook, priority, rule?.match])).toString(36)}`;
}

const drop: readonly Expression[] = [{ counter: { packets: 0, bytes: 0 } }, { drop: null }];

function addressOf(version: '4' | '6', field: 'saddr' | 'daddr'): Expression {
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
