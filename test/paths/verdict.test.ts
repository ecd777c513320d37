import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DataPath } from '../../src/objects/node-annotations.ts';
import {
  heard,
  judged,
  KINDS,
  lost,
  type PathState,
  type ProbeKind,
  refused,
  watched,
  withoutPause,
} from '../../src/paths/verdict.ts';

/** A letter a second for each kind: `+` answered, `-` lost, `r` refused, `.` not asked. */
type Lines = Readonly<Record<ProbeKind, string>>;

const ofAll = (line: string): Lines => ({ small: line, large: line, stream: line });

/** A letter a second: `?` unknown, `u` up, `d` down. */
function course(lines: Lines, before?: DataPath): string {
  return states(lines, before)
    .map(({ verdict }) => verdict?.charAt(0) ?? '?')
    .join('');
}

function states(lines: Lines, before?: DataPath): PathState[] {
  let state = watched(0, before);
  return Array.from(lines.small, (_, second) => {
    const now = second * 1_000;
    for (const kind of KINDS) {
      const letter = lines[kind][second];
      if (letter === '+') state = heard(state, kind, now);
      if (letter === '-') state = lost(state, kind);
      if (letter === 'r') state = refused(state, now);
    }
    state = judged(state, now);
    return state;
  });
}

describe('the course of a path', () => {
  test.each([
    ['up with the first answers', '+++', 'uuu'],
    ['unknown while nobody was asked', '......', '??????'],
    ['never heard: down after 10 s', '------------', '??????????dd'],
    ['heard: down after 4 s of silence', '++------', 'uuuuuddd'],
    ['a few that are lost are no silence', '++---+--+--', 'uuuuuuuuuuu'],
    ['nobody asked is no silence', '++..........', 'uuuuuuuuuuuu'],
    ['nor are two that are lost', '++..-.....-.....', 'uuuuuuuuuuuuuuuu'],
    ['up again after 5 s of answers', '+----++++++++', 'uuuudddddduuu'],
    ['5 s that have to be without silence', '+----++----++++++++', 'uuuudddddddddddduuu'],
    ['a refusal is an answer', '+-r-r-r-r-r-r', 'uuuuuuuuuuuuu'],
  ])('%s', (_, line, expected) => {
    expect(course(ofAll(line))).toBe(expected);
  });

  test.each([
    [
      'up stays up until it was silent for as long as a new path may be',
      'up',
      '------------',
      'uuuuuuuuuudd',
    ],
    ['down stays down until it was answered for 5 s', 'down', '+++++++', 'ddddduu'],
    ['neither is changed by knowing nothing', 'down', '......', 'dddddd'],
  ] as const)('of what was published before: %s', (_, before, line, expected) => {
    expect(course(ofAll(line), before)).toBe(expected);
  });

  test('what fails soon after it came back has to be good for twice as long', () => {
    const cut = '-'.repeat(5);
    const line = `+${cut}${'+'.repeat(8)}${cut}${'+'.repeat(14)}${cut}${'+'.repeat(80)}${cut}${'+'.repeat(9)}`;
    const downs = [...course(ofAll(line)).matchAll(/d+/g)].map(([text]) => text.length);
    // 2 s of silence that is still to come, and 5, 10, 20 s; after a minute without trouble 5 s again.
    expect(downs).toEqual([7, 12, 22, 7]);
  });
});

describe('what is found where a kind of probe is lost', () => {
  test.each([
    { lostKinds: ['small', 'large', 'stream'], finding: 'silent' },
    { lostKinds: ['large', 'stream'], finding: 'mtu' },
    { lostKinds: ['large'], finding: 'mtu' },
    { lostKinds: ['stream'], finding: 'stream' },
    { lostKinds: ['small', 'large'], finding: 'datagrams' },
  ])('$lostKinds: $finding', ({ lostKinds, finding }) => {
    const line = (kind: ProbeKind) => (lostKinds.includes(kind) ? '+------' : '+++++++');
    const lines = { small: line('small'), large: line('large'), stream: line('stream') };
    expect(states(lines).at(-1)).toMatchObject({ verdict: 'down', finding });
    expect(course(lines)).toBe('uuuuddd');
    const healed = Object.fromEntries(KINDS.map(kind => [kind, `${lines[kind]}++++++`])) as Lines;
    expect(states(healed).at(-1)).toMatchObject({ verdict: 'up' });
    expect(states(healed).at(-1)).not.toHaveProperty('finding');
  });

  test('a path that was narrower than announced from the beginning is found, too', () => {
    const lines = { small: '+'.repeat(12), large: '-'.repeat(12), stream: '-'.repeat(12) };
    expect(course(lines)).toBe('??????????dd');
  });
});

const anyLine = fc.string({ unit: fc.constantFrom('+', '-', '.'), minLength: 300, maxLength: 300 });

test('whatever happens, a path that is down is so for 5 s, and does not change all the time', () => {
  const run = fc.tuple(fc.constantFrom('+', '-'), fc.integer({ min: 1, max: 20 }));
  const runs = fc.array(run, { minLength: 100, maxLength: 100 }).map(list =>
    list
      .map(([letter, count]) => letter.repeat(count))
      .join('')
      .slice(0, 600),
  );
  fc.assert(
    fc.property(runs, line => {
      const downs = [...course(ofAll(line)).matchAll(/d+(?=u)/g)].map(([text]) => text.length);
      for (const length of downs) expect(length).toBeGreaterThanOrEqual(5);
      // 5, 10, 20, 40 and then 60 s each, and 4 s until each is found.
      expect(downs.length).toBeLessThanOrEqual(13);
    }),
  );
});

test('up is only what every kind of probe got through; down only where one was lost three times in 4 s', () => {
  fc.assert(
    fc.property(anyLine, anyLine, anyLine, (small, large, stream) => {
      const lines = { small, large, stream };
      const all = course(lines);
      const firstUp = all.indexOf('u');
      if (firstUp >= 0) for (const kind of KINDS) expect(lines[kind].slice(0, firstUp + 1)).toContain('+');
      for (const { index } of all.matchAll(/(?<=u)d/g)) {
        const last = KINDS.map(kind => lines[kind].slice(0, index + 1));
        expect(last.filter(line => /(\.*-){3,}\.*$/.test(line) && !line.slice(-4).includes('+'))).not.toEqual(
          [],
        );
      }
    }),
    { numRuns: 50 },
  );
});

test('time in which the process did not run changes nothing', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('+', '-', 'r', '.'), maxLength: 40 }),
      fc.nat(100_000),
      (line, pause) => {
        const state = states(ofAll(`+${line}`)).at(-1) ?? watched(0);
        const now = line.length * 1_000;
        const later = judged(withoutPause(state, pause), now + pause);
        const { verdict, finding } = judged(state, now);
        expect([later.verdict, later.finding]).toEqual([verdict, finding]);
      },
    ),
  );
});
