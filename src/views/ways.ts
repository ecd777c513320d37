/** How many nodes are reached by which way, and how it stands with the tunnels among them. */
export interface Ways {
  readonly modes: Readonly<Record<string, number>>;
  readonly tunnels?: { readonly answering: number; readonly silent: number };
}

/** As `vxlan 3, wireguard 2 (1 of 3 tunnels silent)`; empty where nothing is reached. */
export function waysText({ modes, tunnels = { answering: 0, silent: 0 } }: Ways): string {
  const { answering, silent } = tunnels;
  const counts = Object.entries(modes).map(([mode, count]) => `${mode} ${count}`);
  const state = silent === 0 ? [] : [`(${silent} of ${answering + silent} tunnels silent)`];
  return [counts.join(', '), ...state].filter(part => part !== '').join(' ');
}
