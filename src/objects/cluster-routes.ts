import * as v from 'valibot';
import { clusterId, text, wholeNumber } from './fields.ts';

/** How one node reaches the nodes of another cluster, as its routing agent says. */
export interface ClusterRoutes {
  /** How many nodes are reached by which way, `{ vxlan: 3 }`; those that are not reached are in none. */
  readonly modes: Readonly<Record<string, number>>;
  /** Of tunnels that encrypt, whether used or not. Absent: there are none. */
  readonly tunnels?: { readonly answering: number; readonly silent: number };
  /** BGP sessions from which its blocks are learnt, and the first that are not established. Absent: there are none. */
  readonly sessions?: {
    readonly established: number;
    readonly others: number;
    readonly named: readonly { readonly neighbor: string; readonly state: SessionWord }[];
  };
  /** Nodes that are not reached at all. Absent: none. */
  readonly unreached?: { readonly nodes: number; readonly named: readonly string[] };
  /** Nodes of which some pods are not reached. Absent: none. */
  readonly partly?: number;
  /** Why one of these is not. */
  readonly why?: string;
}

/** `Restarting`: the neighbor is away, and what was learnt stays meanwhile; `Unknown`: the daemon cannot be asked. */
const SESSION_WORDS = ['Established', 'Restarting', 'Down', 'Unknown'] as const;
type SessionWord = (typeof SESSION_WORDS)[number];

/** Nodes, and sessions, that are named. */
export const MOST_NAMED = 3;
/** Characters of a reason. */
export const LONGEST_REASON = 200;
/** Characters. All annotations of an object together may have 256 KiB, and what is too long is not written at all. */
const LONGEST = 32_768;

const count = wholeNumber(0, 1_000_000);
const session = v.object({
  neighbor: v.pipe(text, v.regex(/^[0-9A-Fa-f:.]{2,45}$/)),
  state: v.picklist(SESSION_WORDS),
});
const schema = v.record(
  clusterId,
  v.object({
    modes: v.record(v.pipe(text, v.regex(/^[a-z][a-z0-9-]{0,31}$/)), count),
    tunnels: v.exactOptional(v.object({ answering: count, silent: count })),
    sessions: v.exactOptional(
      v.object({
        established: count,
        others: count,
        named: v.pipe(v.array(session), v.maxLength(MOST_NAMED)),
      }),
    ),
    unreached: v.exactOptional(
      v.object({ nodes: count, named: v.pipe(v.array(text), v.maxLength(MOST_NAMED)) }),
    ),
    partly: v.exactOptional(count),
    why: v.exactOptional(v.pipe(text, v.maxLength(LONGEST_REASON))),
  }),
);

/**
 * What `clusterRoutesText` wrote, by the ids of the clusters. Empty for anything else, which is nobody's fault: agents
 * of another version may put it otherwise.
 */
export function readClusterRoutes(written: string): ReadonlyMap<string, ClusterRoutes> {
  if (written.length > LONGEST) return new Map();
  try {
    const { success, output } = v.safeParse(schema, JSON.parse(written));
    return new Map(success ? Object.entries(output) : []);
  } catch {
    return new Map();
  }
}

/** The same clusters give the same text. Those that there is no room for are left out, the last in order first. */
export function clusterRoutesText(routes: ReadonlyMap<string, ClusterRoutes>): string {
  const parts: string[] = [];
  let length = '{}'.length;
  for (const [cluster, one] of [...routes].sort(([before], [after]) => (before < after ? -1 : 1))) {
    const part = `${JSON.stringify(cluster)}:${JSON.stringify(one)}`;
    length += part.length + 1;
    if (length > LONGEST) break;
    parts.push(part);
  }
  return `{${parts.join(',')}}`;
}
