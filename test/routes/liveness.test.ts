import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/routes/entry.ts';
import {
  judge,
  judgeFirst,
  type Traffic,
  type Tunnel,
  usedPeers,
  withAnotherKey,
} from '../../src/routes/liveness.ts';

const TICK = 2_500;
const EPOCH = 1_700_000_000;

/**
 * One tunnel, looked at every 2.5 s, by what passes in a tick: `b` both ways, `s` only sent, `a` the peer asks for a
 * session and so does this end, `.` nothing at all.
 */
class Story {
  #tunnels = new Map<string, Tunnel>();
  #traffic: Traffic;
  #epoch = EPOCH;
  now = 0;

  constructor(traffic: Partial<Traffic> = {}) {
    this.#traffic = { handshake: 0, received: 0, sent: 0, ...traffic };
    this.#look();
  }

  #look(): void {
    this.#tunnels = judge(this.#tunnels, new Map([['key', this.#traffic]]), {
      now: this.now,
      epoch: this.#epoch + this.now / 1_000,
    });
  }

  /** @returns whether it answered after each tick, `A` or `-` */
  ticks(ticks: string): string {
    return Array.from(ticks, tick => {
      this.now += TICK;
      const { handshake, received, sent } = this.#traffic;
      this.#traffic = {
        handshake: tick === 'b' ? this.#epoch + Math.floor(this.now / 1_000) : handshake,
        received: received + (tick === 'b' || tick === 'a' ? 100 : 0),
        sent: sent + (tick === '.' ? 0 : 100),
      };
      this.#look();
      return this.answering ? 'A' : '-';
    }).join('');
  }

  /** The device and its counters are made anew. */
  anew(): void {
    this.#traffic = { handshake: 0, received: 0, sent: 0 };
    this.#look();
  }

  /** The clock of the machine is set. @param seconds forward */
  setClock(seconds: number): void {
    this.#epoch += seconds;
  }

  /** The device gets another key, and its counters stay. */
  anotherKey(): void {
    this.#tunnels = withAnotherKey(this.#tunnels, this.now);
  }

  /** @returns milliseconds until it answers, with traffic both ways */
  until(answering: boolean, tick: string): number {
    const begun = this.now;
    while (this.answering !== answering) this.ticks(tick);
    return this.now - begun;
  }

  get isStuck(): boolean {
    return this.#tunnels.get('key')?.crossing?.isStuck === true;
  }

  get answering(): boolean {
    return this.#tunnels.get('key')?.answering === true;
  }
}

const alive = (): Story => new Story({ handshake: EPOCH - 60, received: 1, sent: 1 });

describe('a tunnel that is seen for the first time', () => {
  test.each([
    { row: 'with a session', handshake: EPOCH - 100, is: true },
    { row: 'with one that is too old', handshake: EPOCH - 200, is: false },
    { row: 'with none', handshake: 0, is: false },
  ])('$row', ({ handshake, is }) => {
    expect(new Story({ handshake }).answering).toBe(is);
  });
});

describe('a tunnel that an agent before this one has left', () => {
  /** @param used on which device: this one, the other, or none */
  const left = (handshake: number, used: 'here' | 'there' | 'nowhere'): Tunnel | undefined => {
    const on = (device: string): Set<string> => new Set(used === device ? ['key'] : []);
    const samples = new Map([['key', { handshake, received: 1, sent: 1 }]]);
    const at = { now: 0, epoch: EPOCH };
    return judgeFirst(samples, { here: on('here'), there: on('there') }, at).get('key');
  };

  test.each([
    { row: 'used, with a session', handshake: EPOCH - 100, used: 'here', is: true },
    { row: 'used, with one that is too old', handshake: EPOCH - 200, used: 'here', is: false },
    { row: 'not used, with a session', handshake: EPOCH - 100, used: 'nowhere', is: false },
    { row: 'left for the other device, with a session', handshake: EPOCH - 100, used: 'there', is: false },
    { row: 'not used, with none', handshake: 0, used: 'nowhere', is: false },
  ] as const)('$row', ({ handshake, used, is }) => {
    expect(left(handshake, used)?.answering).toBe(is);
  });

  test.each([
    { row: 'that died has to be heard for 30 s', handshake: EPOCH - 100, used: 'nowhere', patience: 30_000 },
    { row: 'that was left for the other device: once', handshake: EPOCH - 100, used: 'there', patience: 0 },
    { row: 'that never had a session: with its first answer', handshake: 0, used: 'nowhere', patience: 0 },
  ] as const)('$row', ({ handshake, used, patience }) => {
    expect(left(handshake, used)?.patience).toBe(patience);
  });
});

describe('which tunnels are used', () => {
  const peer = (allowedIPs: string): Entry => ({
    kind: 'peer',
    device: 'wg',
    publicKey: 'key',
    endpoint: '',
    allowedIPs,
    keepalive: 5,
  });
  const route = (destination: string, device: string, metric = 0, table?: number): Entry => ({
    ...{ kind: 'route', destination, type: 'unicast', protocol: 205, metric, device },
    ...(table === undefined ? {} : { table }),
  });
  const A = '10.21.1.0/24';
  const B = 'fd00:21:1::/64';

  test.each([
    { row: 'the way leads through it', there: [peer(A), route(A, 'wg')], is: ['key'] },
    { row: 'with another below', there: [peer(A), route(A, 'wg'), route(A, 'vx', 10_000)], is: ['key'] },
    { row: 'it is the one below', there: [peer(A), route(A, 'wg', 10_000), route(A, 'vx')], is: [] },
    { row: 'the way leads elsewhere', there: [peer(A), route(A, 'vx')], is: [] },
    { row: 'no way of ours', there: [peer(A), route(A, 'wg', 0, 7796)], is: [] },
    { row: 'no way at all', there: [peer(A)], is: [] },
    { row: 'one of its blocks has no way', there: [peer(`${A},${B}`), route(A, 'wg')], is: ['key'] },
    { row: 'one is reached elsewhere', there: [peer(`${A},${B}`), route(A, 'wg'), route(B, 'vx')], is: [] },
    { row: 'the way leads through the other device', there: [peer(A), route(A, 'wg2')], is: [] },
    { row: 'it stands on the other', there: [{ ...peer(A), device: 'wg2' }, route(A, 'wg2')], is: [] },
    { row: 'it has no block', there: [peer(''), route(A, 'wg')], is: [] },
  ])('$row', ({ there, is }) => {
    expect([...usedPeers(there, 'wg', 'wg')]).toEqual(is);
    expect([...usedPeers([...there].reverse(), 'wg', 'wg')]).toEqual(is);
  });

  test('one that stands on a device and is reached by the other', () => {
    expect([...usedPeers([peer(A), route(A, 'wg2')], 'wg', 'wg2')]).toEqual(['key']);
  });
});

test('one that is new answers with its first answer', () => {
  expect(new Story().ticks('sssb')).toBe('---A');
});

test('one that lives stays, with traffic and without', () => {
  expect(alive().ticks('bbbb')).toBe('AAAA');
  expect(alive().ticks('bsbsbssbsss'.repeat(3))).toBe('A'.repeat(33));
  expect(alive().ticks('b.......b')).toBe('A'.repeat(9));
});

test('sent grows and received does not: dead after 12.5 s', () => {
  expect(alive().ticks('bsssss')).toBe('AAAAA-');
});

test('dead, it is asked for 30 s, then for twice as long each time, 8 min at most', () => {
  const story = alive();
  const waits = Array.from({ length: 7 }, () => {
    story.until(false, 's');
    return story.until(true, 'b') / 1_000;
  });
  expect(waits).toEqual([32.5, 62.5, 122.5, 242.5, 482.5, 482.5, 482.5]);
});

test('once it has held for 10 min, it is trusted again', () => {
  const story = alive();
  for (const _ of [1, 2, 3]) {
    story.until(false, 's');
    story.until(true, 'b');
  }
  story.ticks('b'.repeat(241));
  story.until(false, 's');
  expect(story.until(true, 'b')).toBe(32_500);
});

test('heard with gaps it is not back', () => {
  const story = alive();
  story.until(false, 's');
  expect(story.ticks('bbbbbbsssss'.repeat(4))).not.toContain('A');
});

test('a peer that asks for a session and does not get our answers is heard, and does not answer in the end', () => {
  const seen = alive().ticks('as'.repeat(60));
  expect(seen).toMatch(/^A+-+$/);
  // A session of 60 s counts for 130 more.
  expect(seen.indexOf('-') * TICK).toBe(127_500);
});

test('a device that is made anew has to prove itself, at once', () => {
  const story = alive();
  story.anew();
  expect(story.answering).toBe(false);
  expect(story.ticks('sb')).toBe('-A');
});

test('a device with another key: none answers until it is heard, whatever session it shows', () => {
  const story = alive();
  story.ticks('bb');
  story.anotherKey();
  expect(story.answering).toBe(false);
  expect(story.ticks('ss.sb')).toBe('----A');
});

test('a device with another key: who asks for a session has none yet, whatever it shows', () => {
  const story = alive();
  story.ticks('bb');
  story.anotherKey();
  expect(story.ticks('asasas')).toBe('------');
  expect(story.ticks('b')).toBe('A');
});

describe('the clock of the machine is set', () => {
  test.each([
    { row: 'an hour forward', seconds: 3_600 },
    { row: 'an hour back', seconds: -3_600 },
  ])('$row', ({ seconds }) => {
    const story = alive();
    story.ticks('b');
    story.setClock(seconds);
    expect(story.ticks('a.a.a.a.a.')).toBe('AAAAAAAAAA');
    story.anotherKey();
    expect(story.ticks('sb')).toBe('-A');
  });
});

test('what is thought of a tunnel that comes and goes stays when this end puts it anew', () => {
  const story = alive();
  story.until(false, 's');
  story.ticks('s'.repeat(70));
  story.ticks('a');
  story.ticks('s');
  expect(story.isStuck).toBe(true);
  story.anew();
  expect(story.until(true, 'b')).toBe(32_500);
});

test('who asks, and has no session by the next look, is stuck; once it is put anew it is not', () => {
  const story = new Story();
  story.ticks('a');
  expect(story.isStuck).toBe(false);
  story.ticks('s');
  expect(story.isStuck).toBe(true);
  story.anew();
  expect(story.isStuck).toBe(false);
  expect(story.ticks('b')).toBe('A');
});

test('who is not on the device is not judged', () => {
  const before = judge(new Map(), new Map([['key', { handshake: EPOCH, received: 1, sent: 1 }]]), {
    now: 0,
    epoch: EPOCH,
  });
  expect(judge(before, new Map(), { now: 1, epoch: EPOCH }).size).toBe(0);
});

test('whatever happens: never dead within 12 s of being heard, never alive after 15 s of silence', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('b', 's'), minLength: 1, maxLength: 400 }), ticks => {
      const seen = alive().ticks(ticks);
      let silent = 0;
      for (const [index, tick] of Array.from(ticks).entries()) {
        silent = tick === 'b' ? 0 : silent + TICK;
        const turned = `${seen[index - 1] ?? 'A'}${seen[index]}`;
        if (turned === 'A-') expect(silent).toBeGreaterThan(12_000);
        if (silent >= 15_000) expect(seen[index]).toBe('-');
      }
    }),
  );
});
