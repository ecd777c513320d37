import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { describe, expect, test, vi } from 'vitest';
import {
  apiServer,
  clientOf,
  follow,
  Mirror,
  SOON,
  service,
  untilEqual,
  untilWatching,
} from '../kit/api-follower.ts';

const names = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);

/** A log that can be read. */
function readable() {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line)) });
  return { log, lines };
}

describe('a list', () => {
  test('comes in pages, and then everything by events', async () => {
    const server = await apiServer();
    for (const name of names(620)) server.put(service(name));
    const followed = follow(server);
    await untilEqual(server, followed);
    expect({ first: server.counts.list, more: server.counts.continue }).toEqual({ first: 1, more: 2 });
    server.put(service('s7', 'LoadBalancer'));
    server.remove(service('s8'));
    server.put(service('new'));
    await untilEqual(server, followed);
    expect(server.counts.list).toBe(1);
    expect(followed.informer.synced).toBe(true);
    expect(followed.mirror.states).toEqual(['synced', 'fresh']);
  });

  test('of which a page is missing takes nothing away', async () => {
    const server = await apiServer();
    for (const name of names(300)) server.put(service(name));
    const followed = follow(server);
    await untilWatching(server, followed);
    server.faults.add('continue', { status: 500 }, 3);
    const seen = followed.mirror.held;
    let least = seen.size;
    const dropped = followed.mirror.dropped.bind(followed.mirror);
    followed.mirror.dropped = object => {
      dropped(object);
      least = Math.min(least, seen.size);
    };
    server.watches.disturb('expired');
    await vi.waitFor(() => expect(server.counts.list).toBeGreaterThan(4), SOON);
    await untilEqual(server, followed);
    expect(least).toBe(300);
  });

  test('that is compacted before its second page is here begins again', async () => {
    const server = await apiServer();
    for (const name of names(300)) server.put(service(name));
    server.faults.add('continue', { status: 410, reason: 'Expired' }, 2);
    const followed = follow(server);
    await untilEqual(server, followed);
    expect(server.counts.list).toBe(3);
  });

  test('has the objects that are selected, and loses those that no longer are', async () => {
    const server = await apiServer();
    server.put(service('ours', 'ClusterIP', { team: 'pay' }));
    server.put(service('theirs', 'ClusterIP', { team: 'cart' }));
    const { mirror } = follow(server, { selection: { namespace: 'shop', labelSelector: 'team=pay' } });
    await vi.waitFor(() => expect([...mirror.held.keys()]).toEqual(['shop/ours']), SOON);
    server.put(service('theirs', 'ClusterIP', { team: 'pay' }));
    await vi.waitFor(() => expect([...mirror.held.keys()]).toEqual(['shop/ours', 'shop/theirs']), SOON);
    server.put(service('ours', 'ClusterIP', { team: 'cart' }));
    await vi.waitFor(() => expect([...mirror.held.keys()]).toEqual(['shop/theirs']), SOON);
    expect(mirror.complaints).toEqual([]);
  });

  test('is asked for at most so often, however long it does not last', async () => {
    const server = await apiServer();
    server.faults.add('watch', { status: 410, reason: 'Expired' }, 1_000);
    follow(server, { times: { listEvery: 50, backoff: { least: 1, most: 2 } } });
    await sleep(500);
    expect(server.counts.list).toBeGreaterThan(3);
    expect(server.counts.list).toBeLessThanOrEqual(11);
  });
});

describe('what the watch does not say', () => {
  test('the audit finds', async () => {
    const server = await apiServer();
    for (const name of ['api', 'cart', 'pay']) server.put(service(name));
    const followed = follow(server, { times: { audit: 300 } });
    await untilWatching(server, followed);
    server.watches.lose(3);
    server.remove(service('api'));
    server.put(service('cart', 'LoadBalancer'));
    server.put(service('new'));
    await untilEqual(server, followed);
    expect(followed.mirror.states).toEqual(['synced', 'fresh']);
  });

  test('an audit that fails leaves the watch its turn', async () => {
    const server = await apiServer();
    server.put(service('api'));
    const followed = follow(server, { times: { audit: 1_000 } });
    await untilEqual(server, followed);
    server.faults.add('list', { status: 500 }, 1_000);
    await vi.waitFor(() => expect(followed.mirror.states).toContain('stale'), SOON);
    server.put(service('late'));
    await untilEqual(server, followed);
  });
});

describe('objects', () => {
  test('that come again at the same version are not told again', async () => {
    const server = await apiServer();
    server.put(service('api'));
    const followed = follow(server, { times: { audit: 100 } });
    await untilEqual(server, followed);
    const { calls } = followed.mirror;
    await vi.waitFor(() => expect(server.counts.list).toBeGreaterThan(2), SOON);
    expect(followed.mirror.calls).toBe(calls);
  });

  test('that are none of ours any more are dropped', async () => {
    const server = await apiServer();
    server.put(service('api'));
    const followed = follow(server);
    await untilEqual(server, followed);
    server.put(service('api', 'ExternalName'));
    await vi.waitFor(() => expect(followed.informer.size).toBe(0), SOON);
    server.remove(service('api'));
    server.put(service('api'));
    await untilEqual(server, followed);
  });

  test('that cannot be read are logged once, and the others are told', async () => {
    const { log, lines } = readable();
    const server = await apiServer();
    for (const [name, type] of [
      ['bad', 'unreadable'],
      ['good', 'ClusterIP'],
    ] as const)
      server.put(service(name, type));
    const { mirror } = follow(server, { log, times: { audit: 60 } });
    await vi.waitFor(() => expect([...mirror.held.keys()]).toEqual(['shop/good']), SOON);
    await vi.waitFor(() => expect(server.counts.list).toBeGreaterThan(2), SOON);
    expect(lines).toMatchObject([
      { level: 50, object: 'shop/bad', reason: 'the type is unreadable', msg: 'an object cannot be read' },
    ]);
  });

  test('over which a listener falls do not keep it from the next', async () => {
    const { log, lines } = readable();
    const server = await apiServer();
    const told: string[] = [];
    const listener = Object.assign(new Mirror(), {
      put: ({ key }: { key: string }) => {
        told.push(key);
        throw new Error('no room');
      },
    });
    follow(server, { log, listener });
    for (const name of ['api', 'cart']) server.put(service(name));
    await vi.waitFor(() => expect(told).toEqual(['shop/api', 'shop/cart']), SOON);
    expect(lines.map(({ object }) => object)).toEqual(['shop/api', 'shop/cart']);
  });
});

describe('a server', () => {
  test('that is away at the start is told stale once, and is synced when it comes', async () => {
    const server = await apiServer();
    server.put(service('api'));
    await server.stop();
    const followed = follow(server);
    expect(followed.informer.heardAt).toBeUndefined();
    await vi.waitFor(() => expect(followed.mirror.states).toEqual(['stale']), SOON);
    await sleep(100);
    expect(followed.informer.synced).toBe(false);
    await server.start();
    await untilEqual(server, followed);
    expect(followed.mirror.states).toEqual(['stale', 'synced', 'fresh']);
    expect(followed.mirror.reasons).toEqual([
      expect.stringMatching(/ECONNREFUSED .*; nothing listens there/),
    ]);
    expect(followed.informer.heardAt).toBeGreaterThan(0);
  });

  test('that asks to be left alone is left alone for so long', async () => {
    const server = await apiServer();
    const followed = follow(server, { times: { retryAfter: 200 } });
    await untilWatching(server, followed);
    server.faults.add('watch', { status: 429, reason: 'TooManyRequests', retryAfter: 60 });
    const { watch } = server.counts;
    server.watches.disturb('close');
    await vi.waitFor(() => expect(server.counts.watch).toBe(watch + 1), SOON);
    await sleep(120);
    expect(server.counts.watch).toBe(watch + 1);
    await vi.waitFor(() => expect(server.watches.count).toBe(1), SOON);
  });

  test('that is quiet is asked whether it is there, and its watch stays', async () => {
    const server = await apiServer({ bookmarkEvery: 3_600_000 });
    const followed = follow(server, {
      times: { quiet: 30, silence: 3_600_000, watchSeconds: { least: 60, most: 60 } },
    });
    await untilEqual(server, followed);
    await vi.waitFor(() => expect(server.counts.peek).toBeGreaterThan(3), SOON);
    expect(server.counts.watch).toBe(1);
    const heard = followed.informer.heardAt ?? 0;
    await vi.waitFor(() => expect(followed.informer.heardAt).toBeGreaterThan(heard), SOON);
    expect(followed.mirror.states).toEqual(['synced', 'fresh']);
  });

  test('whose bookmarks come is not asked', async () => {
    const server = await apiServer({ bookmarkEvery: 20 });
    const followed = follow(server, { times: { quiet: 2_000, silence: 4_000 } });
    await untilWatching(server, followed);
    // A bookmark is all that tells how far the watch has come: without it, this compaction would cost a list.
    server.put({ kind: 'Namespace', metadata: { name: 'other' } });
    await sleep(100);
    server.compact();
    server.watches.disturb('close');
    await vi.waitFor(() => expect(server.counts.watch).toBe(2), SOON);
    await untilEqual(server, followed);
    expect({ list: server.counts.list, peek: server.counts.peek }).toEqual({ list: 1, peek: 0 });
  });

  test('that takes another token now is asked with that one', async () => {
    const server = await apiServer();
    server.token = 'old';
    server.put(service('api'));
    let token = 'old';
    const followed = follow(server, { client: clientOf(server.connection(() => token)) });
    await untilWatching(server, followed);
    server.token = 'new';
    server.watches.disturb('reset');
    await vi.waitFor(
      () => expect(followed.mirror.reasons).toEqual([expect.stringContaining('ECONNRESET')]),
      SOON,
    );
    server.put(service('late'));
    await sleep(100);
    expect(followed.mirror.held.size).toBe(1);
    token = 'new';
    await untilEqual(server, followed);
    expect(followed.mirror.states).toEqual(['synced', 'fresh', 'stale', 'fresh']);
  });
});
