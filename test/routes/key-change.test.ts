import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KeyChange, type KeyFacts, nextStep } from '../../src/routes/key-change.ts';
import type { Tunnel } from '../../src/routes/liveness.ts';

type Phase = KeyChange['phase'];

const NOW = 1_000_000;
const TRAFFIC = { handshake: 1, received: 1, sent: 1 };

/** `A+` answers, `A-` does not, `A~` has to be heard for longer; `A+20` was heard 20 s ago. */
function tunnels(...words: string[]): Map<string, Tunnel> {
  return new Map(
    words.map(word => {
      const [, key = '', sign, seconds = '0'] = /^(\w)([-+~])(\d*)$/.exec(word) ?? [];
      const heardAt = NOW - Number(seconds || '0') * 1_000;
      const rest = {
        traffic: TRAFFIC,
        sentThen: 1,
        patience: 0,
        agreedAt: 0,
        outdated: 0,
        crossing: undefined,
      };
      return [key, { answering: sign === '+', heardAt, since: sign === '-' ? undefined : 0, ...rest }];
    }),
  );
}

const FACTS: KeyFacts = {
  next: 'asked',
  encrypts: true,
  othersChange: false,
  isAnnounced: false,
  first: tunnels(),
  detour: tunnels(),
  elsewhere: new Map(),
};

const begun = (phase: Phase, seconds: number): KeyChange => ({ phase, since: NOW - seconds * 1_000 });

describe('from one phase to the next', () => {
  test.each<{
    row: string;
    from?: [Phase, number];
    facts?: Partial<KeyFacts>;
    is: Phase | 'take' | 'drop' | 'none';
  }>([
    { row: 'nobody asked', facts: { next: 'none' }, is: 'none' },
    { row: 'asked no more', from: ['withdrawn', 20], facts: { next: 'none' }, is: 'none' },
    { row: 'asked', is: 'announced' },
    { row: 'asked while the key of another node changes', facts: { othersChange: true }, is: 'waiting' },
    {
      row: 'asked, and announced by a process before this one',
      facts: { othersChange: true, isAnnounced: true },
      is: 'announced',
    },
    { row: 'that still goes on', from: ['waiting', 299], facts: { othersChange: true }, is: 'waiting' },
    { row: 'that is over', from: ['waiting', 3], is: 'announced' },
    { row: 'that never ends', from: ['waiting', 300], facts: { othersChange: true }, is: 'announced' },
    { row: 'the others may not have heard of it', from: ['announced', 4], is: 'announced' },
    { row: 'nobody is there', from: ['announced', 5], is: 'leaving' },
    {
      row: 'all answer on the detour, too',
      from: ['announced', 5],
      facts: { first: tunnels('A+', 'B+'), detour: tunnels('A+', 'B+') },
      is: 'leaving',
    },
    {
      row: 'one is heard there, but for no time yet: no flapping matters where there is nothing else',
      from: ['announced', 5],
      facts: { first: tunnels('A+'), detour: tunnels('A~') },
      is: 'leaving',
    },
    {
      row: 'one whose own key changes is heard there, by its next one',
      from: ['announced', 5],
      facts: {
        first: tunnels('A+'),
        detour: tunnels('N+'),
        elsewhere: new Map([
          ['A', 'N'],
          ['N', 'A'],
        ]),
      },
      is: 'leaving',
    },
    {
      row: 'one whose own key changes answers the new key by its old one',
      from: ['returning', 5],
      facts: {
        next: 'taken',
        first: tunnels('A+'),
        detour: tunnels('N+'),
        elsewhere: new Map([
          ['A', 'N'],
          ['N', 'A'],
        ]),
      },
      is: 'closing',
    },
    {
      row: 'one does not answer there yet',
      from: ['announced', 20],
      facts: { first: tunnels('A+', 'B+'), detour: tunnels('A+', 'B-') },
      is: 'announced',
    },
    {
      row: 'one is not there yet',
      from: ['announced', 20],
      facts: { first: tunnels('A+', 'B+'), detour: tunnels('A+') },
      is: 'announced',
    },
    {
      row: 'one never will, for its agent knows of no detour',
      from: ['announced', 30],
      facts: { first: tunnels('A+', 'B+'), detour: tunnels('A+') },
      is: 'leaving',
    },
    {
      row: 'who does not answer anyway is not waited for',
      from: ['announced', 5],
      facts: { first: tunnels('A+', 'B-'), detour: tunnels('A+', 'B-') },
      is: 'leaving',
    },
    {
      row: 'somebody else begins meanwhile',
      from: ['announced', 5],
      facts: { othersChange: true },
      is: 'leaving',
    },
    { row: 'routes may not be elsewhere yet', from: ['leaving', 2], is: 'leaving' },
    { row: 'routes are elsewhere', from: ['leaving', 2.5], is: 'withdrawn' },
    {
      row: 'somebody has not heard of it yet',
      from: ['withdrawn', 20],
      facts: { first: tunnels('A+30', 'B+2') },
      is: 'withdrawn',
    },
    { row: 'all are silent', from: ['withdrawn', 20], facts: { first: tunnels('A+8', 'B-30') }, is: 'take' },
    {
      row: 'silent, but for no time yet',
      from: ['withdrawn', 2],
      facts: { first: tunnels('A+9') },
      is: 'withdrawn',
    },
    {
      row: 'somebody will never hear of it',
      from: ['withdrawn', 60],
      facts: { first: tunnels('A+') },
      is: 'take',
    },
    {
      row: 'the new key does not answer yet',
      from: ['returning', 20],
      facts: { next: 'taken', first: tunnels('A-'), detour: tunnels('A+') },
      is: 'returning',
    },
    {
      row: 'the new key is heard, but for no time yet',
      from: ['returning', 20],
      facts: { next: 'taken', first: tunnels('A~'), detour: tunnels('A+') },
      is: 'returning',
    },
    {
      row: 'the new key answers',
      from: ['returning', 5],
      facts: { next: 'taken', first: tunnels('A+'), detour: tunnels('A+') },
      is: 'closing',
    },
    {
      row: 'the new key answers, though there is no detour',
      from: ['returning', 5],
      facts: { next: 'taken', first: tunnels('A+'), detour: tunnels('A-') },
      is: 'closing',
    },
    {
      row: 'the new key never answers',
      from: ['returning', 60],
      facts: { next: 'taken', first: tunnels('A-'), detour: tunnels('A+') },
      is: 'closing',
    },
    {
      row: 'somebody still has the detour',
      from: ['closing', 19],
      facts: { next: 'taken', detour: tunnels('A+2') },
      is: 'closing',
    },
    {
      row: 'nobody has it',
      from: ['closing', 8],
      facts: { next: 'taken', detour: tunnels('A+8') },
      is: 'drop',
    },
    {
      row: 'somebody always will',
      from: ['closing', 20],
      facts: { next: 'taken', detour: tunnels('A+') },
      is: 'drop',
    },
    { row: 'a process that starts after the key was taken', facts: { next: 'taken' }, is: 'returning' },
    { row: 'somebody took it by hand', from: ['announced', 1], facts: { next: 'taken' }, is: 'returning' },
    { row: 'a third key by hand', from: ['returning', 1], is: 'announced' },
    { row: 'there are no tunnels', facts: { encrypts: false }, is: 'take' },
    { row: 'there are no tunnels any more', from: ['withdrawn', 1], facts: { encrypts: false }, is: 'take' },
    { row: 'there are none, and it is taken', facts: { encrypts: false, next: 'taken' }, is: 'drop' },
  ])('$row', ({ from, facts = {}, is }) => {
    const step = nextStep(from && begun(...from), { ...FACTS, ...facts }, NOW);
    expect(typeof step === 'object' ? step.phase : (step ?? 'none')).toBe(is);
    if (typeof step === 'object') expect(step.since).toBe(from?.[0] === is ? begun(...from).since : NOW);
  });
});

test('whatever the others do, it comes to its end within nine minutes, and the steps keep their order', () => {
  const ORDER: Phase[] = ['waiting', 'announced', 'leaving', 'withdrawn', 'returning', 'closing'];
  const words = fc.subarray(['A+', 'B-', 'C+20', 'D+2']);
  const look = fc.record({ first: words, detour: words, othersChange: fc.boolean() });
  fc.assert(
    fc.property(fc.infiniteStream(look), looks => {
      let change: KeyChange | undefined;
      let next: KeyFacts['next'] = 'asked';
      const phases: Phase[] = [];
      for (let now = NOW; next !== 'none'; now += 2_500) {
        expect(now - NOW).toBeLessThan(540_000);
        const { first, detour, othersChange } = looks.next().value;
        const facts = {
          next,
          encrypts: true,
          othersChange,
          isAnnounced: false,
          elsewhere: new Map(),
          first: tunnels(...first),
          detour: tunnels(...detour),
        };
        const step = nextStep(change, facts, now);
        if (step === 'drop') next = 'none';
        else if (step === 'take') next = 'taken';
        else change = step;
        if (change !== undefined && change.phase !== phases.at(-1)) phases.push(change.phase);
      }
      expect(phases).toEqual(ORDER.filter(phase => phases.includes(phase)));
      expect(phases.slice(-5)).toEqual(ORDER.slice(1));
    }),
    { numRuns: 200 },
  );
});
