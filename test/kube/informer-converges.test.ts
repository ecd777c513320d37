import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { WatchFault } from '../kit/api-faults.ts';
import { follow, SHORT, SOON, service, untilEqual } from '../kit/api-follower.ts';
import { ApiServer } from '../kit/api-server.ts';

const names = ['api', 'cart', 'pay', 'search'];
const types = ['ClusterIP', 'LoadBalancer', 'ExternalName', 'unreadable'];
const watchFaults: WatchFault[] = ['close', 'expired', 'garbage', 'cut', 'break', 'mute', 'reset'];

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ put: fc.constantFrom(...names), type: fc.constantFrom(...types) }) },
  { weight: 3, arbitrary: fc.record({ remove: fc.constantFrom(...names) }) },
  { weight: 2, arbitrary: fc.record({ disturb: fc.constantFrom(...watchFaults) }) },
  { weight: 1, arbitrary: fc.record({ status: fc.constantFrom(401, 410, 429, 500, 503), times: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ next: fc.constantFrom(...watchFaults) }) },
  { weight: 1, arbitrary: fc.constantFrom('compact' as const, 'wipe' as const, 'away' as const) },
  { weight: 2, arbitrary: fc.record({ wait: fc.nat(30) }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

async function take(server: ApiServer, one: Step): Promise<void> {
  if (one === 'compact') server.compact();
  else if (one === 'wipe') {
    server.store.wipe();
    server.watches.disturb('reset');
  } else if (one === 'away') {
    await server.stop();
    await sleep(20);
    await server.start();
  } else if ('put' in one) server.put(service(one.put, one.type));
  else if ('remove' in one) server.remove(service(one.remove));
  else if ('disturb' in one) server.watches.disturb(one.disturb);
  else if ('status' in one) server.faults.add('any', { status: one.status, retryAfter: 0 }, one.times + 1);
  else if ('next' in one) server.faults.add('watch', one.next);
  else await sleep(one.wait);
}

test('whatever happens in whatever order, what is held becomes what the server has', async () => {
  const audit = 1_000;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
      const server = await new ApiServer({ bookmarkEvery: 25 }).start();
      // What a wiped etcd counted up again to, unseen, is what the audit is for.
      const followed = follow(server, { times: { ...SHORT, audit } });
      try {
        for (const one of steps) await take(server, one);
        server.faults.clear();
        await untilEqual(server, followed);
        const { states, complaints } = followed.mirror;
        await vi.waitFor(() => expect(states.at(-1)).toBe('fresh'), SOON);
        expect(complaints).toEqual([]);
        expect(states.filter(state => state === 'synced')).toHaveLength(1);
      } finally {
        await followed.informer.stop();
        await server.end();
      }
    }),
    { numRuns: 60 },
  );
}, 120_000);
