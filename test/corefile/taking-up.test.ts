import { describe, expect, test } from 'vitest';
import type { CoreDnsReplica } from '../../src/corefile/facts.ts';
import { type Aim, outcomeOf, type TakingUp, takingUp, verdictAtEnd } from '../../src/corefile/taking-up.ts';

const ZONE = 'clusterset.local';

interface World {
  /** Whether the zone is at work; undefined: nothing is told of any. */
  readonly stanza?: boolean | undefined;
  /** False of a CoreDNS that never tells of texts. */
  readonly tells?: boolean;
  readonly seen?: string;
  readonly refusals?: number;
  readonly restarts?: number;
  readonly ready?: boolean;
  readonly waiting?: string;
  readonly silent?: string;
}

function replica(world: World): CoreDnsReplica {
  const { stanza, tells = true, seen, refusals = 0, restarts = 0, ready = true, waiting, silent } = world;
  const running = (zone: string) => ({ server: 'dns://:53', zone, view: '', plugins: new Set(['forward']) });
  const zones = stanza === undefined ? [] : [running('.'), ...(stanza ? [running(ZONE)] : [])];
  return {
    pod: {
      ...{ namespace: 'kube-system', name: 'coredns-a', labels: {}, restarts, ready },
      ...(waiting === undefined ? {} : { waiting }),
    },
    corefile: 'kube-system/coredns',
    running: silent === undefined ? { value: { zones, tells, seen, refusals } } : { unknown: silent },
  };
}

const INSTALLED: Aim = { zone: ZONE, present: true, changed: true, renewed: false };
const RENEWED: Aim = { ...INSTALLED, renewed: true };
const REMOVED: Aim = { ...INSTALLED, present: false };

describe('how a pod took a text', () => {
  test.each<{ what: string; before?: World; now: World; aim?: Aim; state: TakingUp['state']; says?: string }>(
    [
      { what: 'it has it', before: { stanza: false }, now: { stanza: true, seen: 'a' }, state: 'runs' },
      {
        what: 'it has it as its first new text, while its former blocks still answer',
        before: { stanza: false },
        now: { stanza: true },
        state: 'waits',
        says: 'has not come to the end of its reload; one that nobody asks may hang there',
      },
      {
        what: 'it has it, and never tells when former blocks have stopped',
        before: { stanza: false, tells: false },
        now: { stanza: true, tells: false },
        state: 'runs',
      },
      { what: 'it has not read it', before: { stanza: false }, now: { stanza: false }, state: 'waits' },
      {
        what: 'it has let go of it',
        before: { stanza: true },
        now: { stanza: false, seen: 'a' },
        aim: REMOVED,
        state: 'runs',
      },
      {
        what: 'it has let go of it, and its former blocks have stopped',
        before: { stanza: true, seen: 'a' },
        now: { stanza: false, seen: 'b' },
        aim: REMOVED,
        state: 'runs',
      },
      {
        what: 'it lets go of it while its former blocks still answer',
        before: { stanza: true, seen: 'a' },
        now: { stanza: false },
        aim: REMOVED,
        state: 'waits',
        says: 'has not come to the end of its reload; one that nobody asks may hang there',
      },
      {
        what: 'it takes up another address while its former blocks still answer',
        before: { stanza: true, seen: 'a' },
        now: { stanza: true },
        aim: RENEWED,
        state: 'waits',
        says: 'has not come to the end of its reload; one that nobody asks may hang there',
      },
      {
        what: 'it had it all the time, and nothing was changed',
        before: { stanza: true, seen: 'a' },
        now: { stanza: true, seen: 'a' },
        aim: { ...INSTALLED, changed: false },
        state: 'runs',
      },
      {
        what: 'it holds on to it',
        before: { stanza: true },
        now: { stanza: true },
        aim: REMOVED,
        state: 'waits',
      },
      {
        what: 'it has refused it',
        before: { stanza: false },
        now: { stanza: false, refusals: 1, seen: 'b' },
        state: 'refused',
      },
      {
        what: 'it has refused others before',
        before: { stanza: false, seen: 'a', refusals: 3 },
        now: { stanza: true, seen: 'b', refusals: 3 },
        state: 'runs',
      },
      {
        what: 'it has refused it once its count began anew',
        before: { stanza: false, refusals: 3 },
        now: { stanza: false, refusals: 1, restarts: 1 },
        state: 'refused',
      },
      {
        what: 'it began to tell, and how often it refused before is not known',
        before: { silent: 'refused' },
        now: { stanza: true, refusals: 1 },
        state: 'runs',
      },
      { what: 'it is new', now: { stanza: true }, state: 'runs' },
      { what: 'it is new and has refused', now: { stanza: false, refusals: 1 }, state: 'refused' },
      {
        what: 'it has another address in it that it has not read',
        before: { stanza: true },
        now: { stanza: true },
        aim: RENEWED,
        state: 'waits',
      },
      {
        what: 'it has read another address, its first change',
        before: { stanza: true },
        now: { stanza: true, seen: 'b' },
        aim: RENEWED,
        state: 'runs',
      },
      {
        what: 'it has read another address',
        before: { stanza: true, seen: 'a' },
        now: { stanza: true, seen: 'b' },
        aim: RENEWED,
        state: 'runs',
      },
      {
        what: 'it has started anew with another address',
        before: { stanza: true },
        now: { stanza: true, restarts: 1 },
        aim: RENEWED,
        state: 'runs',
      },
      {
        what: 'it began to tell, and which address it has is not known',
        before: { silent: 'refused' },
        now: { stanza: true },
        aim: RENEWED,
        state: 'unseen',
      },
      { what: 'it does not answer', before: { silent: 'x' }, now: { silent: 'x' }, state: 'unseen' },
      { what: 'it tells of no zone', before: {}, now: {}, state: 'unseen' },
      { what: 'it starts', now: { ready: false, silent: 'x' }, state: 'waits' },
      {
        what: 'it has ended once, which may have another cause',
        before: { stanza: false },
        now: { ready: false, restarts: 1, silent: 'x' },
        state: 'waits',
      },
      {
        what: 'it ends again and again',
        before: { stanza: false, restarts: 4 },
        now: { ready: false, restarts: 6, silent: 'x' },
        state: 'refused',
      },
      {
        what: 'it is made to wait before it may end again',
        before: { stanza: false },
        now: { ready: false, restarts: 1, waiting: 'CrashLoopBackOff: back-off 10s', silent: 'x' },
        state: 'refused',
        says: 'ends with the new Corefile: CrashLoopBackOff: back-off 10s',
      },
      {
        what: 'it was not ready before',
        before: { ready: false, silent: 'x' },
        now: { ready: false, waiting: '0/1 nodes are available', silent: 'x' },
        state: 'unseen',
        says: 'was not ready before either: 0/1 nodes are available',
      },
    ],
  )('$what: $state', ({ before, now, aim = INSTALLED, state, says }) => {
    const taken = takingUp(replica(now), before && replica(before), aim);
    expect(taken).toEqual({ state, says: says ?? expect.any(String) });
  });
});

const pods = (...states: TakingUp['state'][]): TakingUp[] => states.map(state => ({ state, says: '' }));

test.each([
  { states: pods('runs', 'runs'), changed: true, outcome: 'done', atEnd: 'done' },
  { states: pods('runs', 'waits'), changed: true, outcome: 'waiting', atEnd: 'take-back' },
  { states: pods('waits', 'refused', 'unseen'), changed: true, outcome: 'refused', atEnd: 'take-back' },
  { states: pods('runs', 'unseen'), changed: true, outcome: 'waiting', atEnd: 'unseen' },
  { states: pods('runs', 'unseen'), changed: false, outcome: 'unseen', atEnd: 'unseen' },
  { states: pods('waits', 'unseen'), changed: false, outcome: 'waiting', atEnd: 'take-back' },
  { states: pods(), changed: true, outcome: 'unseen', atEnd: 'unseen' },
] as const)(
  'pods $states.0.state…, text changed $changed: $outcome, at the end $atEnd',
  ({ states, changed, outcome, atEnd }) => {
    expect([outcomeOf(states, { changed }), verdictAtEnd(states)]).toEqual([outcome, atEnd]);
  },
);
