/** How a session stands, as the daemon tells it. */
export interface SessionState {
  /** As in the configuration (`sessionName`). */
  readonly name: string;
  readonly kind: 'router' | 'node';
  readonly neighbor: string;
  /** RFC 4271 §8.2.2; `Down` where the session is not even tried; `Unknown` while the daemon cannot be asked. */
  readonly state: (typeof STATES)[number] | 'Unknown';
  /** Blocks learnt from the neighbor that are good now. */
  readonly learnt: number;
  /** The neighbor is away, and what was learnt from it is kept for as long as it said it would take to come back. */
  readonly restarting: boolean;
  /** What ended the session last, or keeps it from coming up. Holds text that the neighbor sent. */
  readonly problem?: string;
}

export const STATES = [
  'Down',
  'Idle',
  'Connect',
  'Active',
  'OpenSent',
  'OpenConfirm',
  'Established',
  'Close',
] as const;

/** As much of a problem as stands in a log line. */
const SHOWN = 200;

/** What `birdc show protocols all` prints. Protocols other than our sessions are left out. */
export function readSessions(printed: string): SessionState[] {
  return printed.split(/\n(?=\S)/).flatMap(paragraph => {
    const [, name, kind] = /^((router|node)_\w+)\s+BGP\s/.exec(paragraph) ?? [];
    const neighbor = field(paragraph, 'Neighbor address');
    if (name === undefined || neighbor === undefined) return [];
    const state = STATES.find(one => one === field(paragraph, 'BGP state')) ?? 'Down';
    const problem = field(paragraph, 'Last error');
    return {
      name,
      kind: kind === 'router' ? 'router' : 'node',
      neighbor,
      state,
      learnt: Number(/^ *Routes: +(\d+) imported/m.exec(paragraph)?.[1] ?? 0),
      restarting: paragraph.includes('Neighbor graceful restart active'),
      ...(problem === undefined || state === 'Established' ? {} : { problem: problem.slice(0, SHOWN) }),
    };
  });
}

function field(paragraph: string, name: string): string | undefined {
  const line = paragraph.split('\n').find(one => one.trimStart().startsWith(`${name}:`));
  return line?.slice(line.indexOf(':') + 1).trim();
}
