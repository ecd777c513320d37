import type { LinkEntry } from './entry.ts';
import { type Json, mapping, number, text } from './json.ts';
import type { Marks } from './model.ts';

type Word = string | number;

/** What tells devices of one type from each other; the rest is the same for all. */
type Own<L> = L extends LinkEntry ? Omit<L, 'kind' | 'type' | 'name' | 'mtu' | 'up'> : never;

interface LinkType<L extends LinkEntry> {
  /** What ours are called. */
  readonly namesOf: (marks: Marks) => readonly string[];
  /** From an item of `ip -N -d -j address show`; what is no such device shall look like none that we would make. */
  readonly read: (link: Json, data: Json) => Own<L>;
  /** What stands behind its name in `ip link add`. */
  readonly words: (link: L) => readonly Word[];
}

/** The devices that we make, a row for each type. Each has a name among the marks and a member of `LinkEntry`. */
const LINK_TYPES: { readonly [T in LinkEntry['type']]: LinkType<Extract<LinkEntry, { type: T }>> } = {
  vxlan: {
    namesOf: ({ vxlan }) => [vxlan.device],
    read: ({ address }, { link, ...data }) => ({
      mac: text(address),
      vni: number(data['id']),
      port: number(data['port']),
      local: text(data['local'] ?? data['local6']),
      underlay: text(link),
      learning: data['learning'] === true,
    }),
    words: ({ mac, vni, port, local, underlay }) => {
      const tunnel = ['id', vni, 'local', local, 'dev', underlay, 'dstport', port, 'nolearning'];
      return ['address', mac, 'type', 'vxlan', ...tunnel];
    },
  },
  wireguard: {
    namesOf: ({ wireguard }) => [wireguard.device, wireguard.detour.device],
    read: ({ linkinfo }) => {
      const { info_kind: kind } = mapping(linkinfo);
      const engine = kind === 'wireguard' ? 'kernel' : kind === 'tun' ? 'userspace' : text(kind);
      // Who looks at the device itself finds out.
      return { engine, answers: false };
    },
    words: () => ['type', 'wireguard'],
  },
  ipip: {
    namesOf: ({ ipip }) => [ipip.device],
    read: (_link, data) => ({ local: text(data['local']), ttl: number(data['ttl']) }),
    words: ({ local, ttl }) => ['type', 'ipip', 'local', local, 'ttl', ttl],
  },
};

const TYPES = Object.keys(LINK_TYPES) as LinkEntry['type'][];

/** The names of our devices with their types. */
export function devicesOf(marks: Marks): ReadonlyMap<string, LinkEntry['type']> {
  return new Map(TYPES.flatMap(type => LINK_TYPES[type].namesOf(marks).map(name => [name, type])));
}

/** @param link an item of `ip -N -d -j address show` that bears the name of our device of this type */
export function readLink(type: LinkEntry['type'], link: Json): LinkEntry {
  const { info_data: data } = mapping(link['linkinfo']);
  const flags = link['flags'];
  return {
    kind: 'link',
    type,
    name: text(link['ifname']),
    ...LINK_TYPES[type].read(link, mapping(data)),
    mtu: number(link['mtu']),
    up: Array.isArray(flags) && flags.includes('UP'),
    // What was read is what the type's row reads; the compiler takes it for any row's.
  } as LinkEntry;
}

/** What stands behind `ip link add`. */
export function addWords(link: LinkEntry): readonly Word[] {
  const { words } = LINK_TYPES[link.type] as LinkType<LinkEntry>;
  return [link.name, ...words(link)];
}
