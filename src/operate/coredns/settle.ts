import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { CoreDnsReplica } from '../../corefile/facts.ts';
import { type CorefilePlace, mapName } from '../../corefile/places.ts';
import { type Aim, outcomeOf, takingUp, verdictAtEnd } from '../../corefile/taking-up.ts';
import type { TakenUp } from '../../health/coredns-change.ts';
import type { ApiClient } from '../../kube/client.ts';
import { lastWords, logOf } from '../pods.ts';
import { pause } from '../steady.ts';
import { replicasOf } from './gather.ts';

/** Milliseconds between two looks. */
const PAUSE = 1_000;

/** What the pods of one Corefile are waited to come to. */
export interface Awaited {
  readonly place: CorefilePlace;
  readonly aim: Aim;
}

type Taken = TakenUp & { readonly pod: CoreDnsReplica['pod'] };

export interface Settled {
  readonly verdict: ReturnType<typeof verdictAtEnd>;
  readonly pods: readonly Taken[];
  /** Those that have no pods. */
  readonly lonely: readonly CorefilePlace[];
}

export interface SettleOptions {
  /** The pods before anything was written. */
  readonly before: readonly CoreDnsReplica[];
  /** Milliseconds. */
  readonly timeout: number;
  readonly detail: (text: string) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Looks until all pods run the texts of their Corefiles, one of them has refused its text, or the time is up. */
export async function untilTakenUp(
  client: ApiClient,
  awaited: readonly Awaited[],
  { before, timeout, detail, clock, signal }: SettleOptions,
): Promise<Settled> {
  const end = clock.now() + timeout;
  for (;;) {
    const groups = await lookAtAll(client, awaited, before, signal).catch((fault: unknown) => {
      signal.throwIfAborted();
      // An API server that restarts is waited for as well.
      if (clock.now() + PAUSE > end) throw fault;
      detail(messageOf(fault));
      return undefined;
    });
    if (groups !== undefined) {
      detail(howFar(groups.flatMap(({ pods }) => pods)));
      const outcomes = groups.map(({ pods, aim }) => outcomeOf(pods, aim));
      const over = outcomes.includes('refused') || !outcomes.includes('waiting');
      if (over || clock.now() + PAUSE > end) return settledWith(client, groups, signal);
    }
    await pause(PAUSE, clock, signal);
  }
}

type Group = Awaited & { readonly pods: readonly Taken[] };

function howFar(pods: readonly Taken[]): string {
  const running = pods.filter(({ state }) => state === 'runs').length;
  const [first] = pods.filter(({ state }) => state !== 'runs');
  return `${running} of ${pods.length} pods${first === undefined ? '' : `; ${first.pod.name} ${first.says}`}`;
}

async function settledWith(
  client: ApiClient,
  groups: readonly Group[],
  signal: AbortSignal,
): Promise<Settled> {
  const pods = groups.flatMap(group => group.pods);
  return {
    verdict: verdictAtEnd(pods),
    pods: await Promise.all(pods.map(pod => withComplaint(client, pod, signal))),
    lonely: groups.filter(group => group.pods.length === 0).map(({ place }) => place),
  };
}

async function lookAtAll(
  client: ApiClient,
  awaited: readonly Awaited[],
  before: readonly CoreDnsReplica[],
  signal: AbortSignal,
): Promise<Group[]> {
  const replicas = await replicasOf(
    client,
    awaited.map(({ place }) => place),
    signal,
  );
  return awaited.map(({ place, aim }) => {
    const own = replicas.filter(({ corefile }) => corefile === mapName(place.main));
    const pods = own.map(replica => {
      const former = before.find(({ pod }) => pod.name === replica.pod.name);
      return { pod: replica.pod, aim, ...takingUp(replica, former, aim) };
    });
    return { place, aim, pods };
  });
}

/** A pod that does not run the text, with what its log says of that. */
async function withComplaint(client: ApiClient, taken: Taken, signal: AbortSignal): Promise<Taken> {
  if (taken.state !== 'refused' && taken.state !== 'waits') return taken;
  const log = await logOf(client, taken.pod, 'tailLines=200', signal);
  const complaint = log.findLast(line => /Corefile|plugin\/reload/.test(line) && /ERROR|WARN/.test(line));
  const words = complaint ?? (taken.pod.ready ? undefined : await lastWords(client, taken.pod, signal));
  return words === undefined ? taken : { ...taken, says: `${taken.says}: ${words}` };
}
