import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { apiServer, clientOf, follow, Mirror, SOON, service } from '../kit/api-follower.ts';

const names = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

describe('after stop', () => {
  test.each(['watching', 'listing', 'waiting', 'connecting'])('while %s, nothing is told', async moment => {
    const server = await apiServer();
    for (const name of names(600)) server.put(service(name));
    if (moment === 'listing') server.faults.add('continue', { delay: 60 }, 9);
    if (moment === 'connecting') server.frozen = true;
    if (moment === 'waiting') server.faults.add('any', { status: 500 }, 1_000);
    const { informer, mirror } = follow(server);
    if (moment === 'watching') await vi.waitFor(() => expect(server.watches.count).toBe(1), SOON);
    if (moment === 'listing') await vi.waitFor(() => expect(server.counts.continue).toBe(1), SOON);
    if (moment === 'waiting') await vi.waitFor(() => expect(mirror.states).toEqual(['stale']), SOON);
    const stopping = informer.stop();
    const { calls } = mirror;
    server.put(service('late'));
    await stopping;
    server.put(service('later'));
    await sleep(150);
    expect(mirror.calls).toBe(calls);
    await vi.waitFor(() => expect(server.watches.count).toBe(0), SOON);
  });

  test('that a listener calls in the middle of a list, nothing is told', async () => {
    const server = await apiServer();
    for (const name of names(20)) server.put(service(name));
    const mirror = new Mirror();
    const put = mirror.put.bind(mirror);
    const { informer } = follow(server, {
      listener: Object.assign(mirror, {
        put: (...objects: Parameters<Mirror['put']>) => {
          put(...objects);
          if (mirror.calls === 5) void informer.stop();
        },
      }),
    });
    await vi.waitFor(() => expect(mirror.calls).toBe(5), SOON);
    await sleep(50);
    expect(mirror.calls).toBe(5);
    expect(mirror.states).toEqual([]);
  });

  test('no rejection is left that nobody hears', async () => {
    const unheard: unknown[] = [];
    const hear = (reason: unknown) => unheard.push(reason);
    process.on('unhandledRejection', hear);
    onTestFinished(() => {
      process.off('unhandledRejection', hear);
    });
    const server = await apiServer();
    const client = clientOf(server);
    for (let count = 0; count < 20; count++) {
      const { informer } = follow(server, { client });
      await sleep(count);
      if (count % 3 === 0) server.watches.disturb('reset');
      await informer.stop();
    }
    await sleep(50);
    expect(unheard).toEqual([]);
  });
});
