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
  /** Nodes of this cluster that do not reach all of the other, or not all of their pods. */
  readonly short: number;
  /** One of them, and why. */
  readonly example?: { readonly node: string; readonly why: string };
}

/** Undefined: nobody says anything. */
export function foldRoutes(said: Iterable<NodeRoutes>): ReportedRoutes | undefined {
  const modes = new Map<string, number>();
  const tunnels = { answering: 0, silent: 0 };
  let [nodes, short] = [0, 0];
  let example: ReportedRoutes['example'];
  for (const { node, says } of said) {
    nodes += 1;
    for (const [mode, count] of Object.entries(says.modes)) modes.set(mode, (modes.get(mode) ?? 0) + count);
    tunnels.answering += says.tunnels?.answering ?? 0;
    tunnels.silent += says.tunnels?.silent ?? 0;
    if (says.unreached === undefined && says.partly === undefined) continue;
    short += 1;
    // The first by name, whatever the order in which nodes are told of.
    if (example === undefined || node < example.node)
      example = { node, why: says.why ?? 'it does not say why' };
  }
  if (nodes === 0) return undefined;
  return {
    ...{ nodes, modes: Object.fromEntries([...modes].sort()), tunnels, short },
    ...(example === undefined ? {} : { example }),
  };
}
