import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimit } from '../../src/answer/rate-limit.ts';
import { addressBytes } from '../../src/base/ip.ts';

const RATE = 4;

/** What a network may have by itself: a bucket of its own, for ever. */
class OwnBucket {
  #tokens = RATE;
  #time = 0;

  take(now: number): boolean {
    this.#tokens = Math.min(RATE, this.#tokens + ((now - this.#time) * RATE) / 1000);
    this.#time = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

const queries = fc.array(
  fc.record({ network: fc.integer({ min: 0, max: 40 }), after: fc.constantFrom(0, 0, 0, 1, 125, 250, 1000) }),
  { maxLength: 300 },
);

test('no network is answered more than its own bucket allows, whatever others ask and however few buckets there are', () => {
  fc.assert(
    fc.property(queries, fc.constantFrom(8, 16, 64), fc.integer(), (asked, networks, seed) => {
      const limit = new RateLimit({ rate: RATE, exempt: [], seed, networks });
      const own = Array.from({ length: 41 }, () => new OwnBucket());
      const taken = new Map<number, number>();
      let now = 0;
      for (const { network, after } of asked) {
        now += after;
        const isTaken = limit.take(addressBytes(`192.0.${network}.1`), 0, 4, now);
        const balance = (taken.get(network) ?? 0) + Number(own[network]?.take(now)) - Number(isTaken);
        taken.set(network, balance);
        expect(balance).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});

test('with a bucket for each, every network is answered as often as it may be', () => {
  fc.assert(
    fc.property(queries, asked => {
      const limit = new RateLimit({ rate: RATE, exempt: [], seed: 3 });
      const own = Array.from({ length: 41 }, () => new OwnBucket());
      let now = 0;
      for (const { network, after } of asked) {
        now += after;
        const isTaken = limit.take(addressBytes(`192.0.${network}.1`), 0, 4, now);
        expect(isTaken).toBe(own[network]?.take(now));
      }
    }),
  );
});
