import type { Clock } from '../../base/clock.ts';
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
    const groups = await lookAtAll(client, awaited, before, signal);
    const pods = groups.flatMap(({ pods }) => pods);
    const outcomes = groups.map(({ pods, aim }) => outcomeOf(pods, aim));
    const running = pods.filter(({ state }) => state === 'runs').length;
    const [first] = pods.filter(({ state }) => state !== 'runs');
    detail(
      `${running} of ${pods.length} pods${first === undefined ? '' : `; ${first.pod.name} ${first.says}`}`,
    );
    const over = outcomes.includes('refused') || !outcomes.includes('waiting') || clock.now() + PAUSE > end;
    if (over)
      return {
        verdict: verdictAtEnd(pods),
        pods: await Promise.all(pods.map(pod => said(client, pod, signal))),
      };
    await pause(PAUSE, clock, signal);
  }
}

async function lookAtAll(
  client: ApiClient,
  awaited: readonly Awaited[],
  before: readonly CoreDnsReplica[],
  signal: AbortSignal,
): Promise<{ readonly aim: Aim; readonly pods: readonly Taken[] }[]> {
  const replicas = await replicasOf(client, { value: awaited.map(({ place }) => place) }, signal);
  return awaited.map(({ place, aim }) => {
    const own = replicas.filter(({ corefile }) => corefile === mapName(place.main));
    const pods = own.map(replica => {
      const former = before.find(({ pod }) => pod.name === replica.pod.name);
      return { pod: replica.pod, aim, ...takingUp(replica, former, aim) };
    });
    return { aim, pods };
  });
}

/** A pod that does not run the text, with what its log says of that. */
async function said(client: ApiClient, taken: Taken, signal: AbortSignal): Promise<Taken> {
  if (taken.state !== 'refused' && taken.state !== 'waits') return taken;
  const log = await logOf(client, taken.pod, 'tailLines=200', signal);
  const complaint = log.findLast(line => /Corefile|plugin\/reload/.test(line) && /ERROR|WARN/.test(line));
  const words = complaint ?? (taken.pod.ready ? undefined : await lastWords(client, taken.pod, signal));
  return words === undefined ? taken : { ...taken, says: `${taken.says}: ${words}` };
}
