/** How many nodes are reached by which way, and how it stands with the tunnels and the BGP sessions among them. */
export interface Ways {
  readonly modes: Readonly<Record<string, number>>;
  readonly tunnels?: { readonly answering: number; readonly silent: number };
  readonly sessions?: { readonly established: number; readonly others: number };
}

/**
 * As `vxlan 3, wireguard 2 (1 of 3 tunnels silent)`, or `bgp 2 (1 of 2 BGP sessions not established)`; empty where
 * nothing is reached.
 */
export function waysText({
  modes,
  tunnels = { answering: 0, silent: 0 },
  sessions = { established: 0, others: 0 },
}: Ways): string {
  const { answering, silent } = tunnels;
  const { established, others } = sessions;
  const counts = Object.entries(modes).map(([mode, count]) => `${mode} ${count}`);
  const states = [
    silent === 0 ? '' : `${silent} of ${answering + silent} tunnels silent`,
    others === 0 ? '' : `${others} of ${established + others} BGP sessions not established`,
  ].filter(state => state !== '');
  const state = states.length === 0 ? '' : `(${states.join(', ')})`;
  return [counts.join(', '), state].filter(part => part !== '').join(' ');
}
