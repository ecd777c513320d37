import type { ClusterRoutes } from '../objects/cluster-routes.ts';

/** What one node of this cluster says of how it reaches the nodes of another. */
export interface NodeRoutes {
  readonly node: string;
  readonly says: ClusterRoutes;
}

/** How the nodes of this cluster reach those of another, all in all. */
export interface ReportedRoutes {
  /** Nodes of this cluster that say something. */
  readonly nodes: number;
  /** Of each node of this cluster to each of the other, how many by which way. */
  readonly modes: Readonly<Record<string, number>>;
  readonly tunnels: { readonly answering: number; readonly silent: number };
  /** BGP sessions of the nodes of this cluster, and one that is not established. Absent: there are none. */
  readonly sessions?: {
    readonly established: number;
    readonly others: number;
    readonly example?: { readonly node: string; readonly neighbor: string; readonly state: string };
  };
  /** Nodes of this cluster that do not reach all of the other, or not all of their pods. */
  readonly short: number;
  /** One of them, and why. */
  readonly example?: { readonly node: string; readonly why: string };
}

/** Undefined: nobody says anything. */
export function foldRoutes(said: Iterable<NodeRoutes>): ReportedRoutes | undefined {
  // What is told as an example is of the first by name, whatever the order in which nodes are told of.
  const all = [...said].sort((one, other) => (one.node < other.node ? -1 : 1));
  if (all.length === 0) return undefined;
  const modes = new Map<string, number>();
  const tunnels = { answering: 0, silent: 0 };
  for (const { says } of all) {
    for (const [mode, count] of Object.entries(says.modes)) modes.set(mode, (modes.get(mode) ?? 0) + count);
    tunnels.answering += says.tunnels?.answering ?? 0;
    tunnels.silent += says.tunnels?.silent ?? 0;
  }
  const short = all.filter(({ says }) => says.unreached !== undefined || says.partly !== undefined);
  const sessions = foldSessions(all);
  const [first] = short;
  return {
    ...{ nodes: all.length, modes: Object.fromEntries([...modes].sort()), tunnels, short: short.length },
    ...(sessions === undefined ? {} : { sessions }),
    ...(first === undefined
      ? {}
      : { example: { node: first.node, why: first.says.why ?? 'it does not say why' } }),
  };
}

function foldSessions(said: readonly NodeRoutes[]): ReportedRoutes['sessions'] {
  const speaking = said.filter(({ says }) => says.sessions !== undefined);
  if (speaking.length === 0) return undefined;
  const sum = (of: 'established' | 'others'): number =>
    speaking.reduce((total, { says }) => total + (says.sessions?.[of] ?? 0), 0);
  const [example] = speaking.flatMap(({ node, says }) =>
    (says.sessions?.named ?? []).map(session => ({ node, ...session })),
  );
  return {
    ...{ established: sum('established'), others: sum('others') },
    ...(example === undefined ? {} : { example }),
  };
}
