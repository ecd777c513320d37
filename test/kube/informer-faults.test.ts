import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import {
  apiServer,
  clientOf,
  follow,
  SOON,
  service,
  untilEqual,
  untilWatching,
} from '../kit/api-follower.ts';
import type { ApiServer } from '../kit/api-server.ts';

interface Row {
  readonly fault: string;
  /** Makes it happen to a follower that is synced and watching. */
  happens(server: ApiServer): void | Promise<void>;
  /** Ends it. */
  ends?(server: ApiServer): void | Promise<void>;
  /** Lists beyond the first that it may cost, at the most. */
  lists: number;
  /** Whether the listener is to hear of it. */
  stale: boolean;
  /** Milliseconds after which the client gives up. */
  silence?: number;
}

const rows: readonly Row[] = [
  {
    fault: 'the watch is answered 410 three times',
    happens: server => {
      server.faults.add('watch', { status: 410, reason: 'Expired' }, 3);
      server.watches.disturb('close');
    },
    lists: 3,
    stale: true,
  },
  {
    fault: 'the watch ends with an event that says 410',
    happens: server => server.watches.disturb('expired'),
    lists: 1,
    stale: true,
  },
  {
    fault: 'the watch ends at once, five times',
    happens: server => {
      server.faults.add('watch', 'close', 5);
      server.watches.disturb('close');
    },
    lists: 0,
    stale: false,
  },
  {
    fault: 'the watch ends in good order',
    happens: server => server.watches.disturb('close'),
    lists: 0,
    stale: false,
  },
  { fault: 'the watch is reset', happens: server => server.watches.disturb('reset'), lists: 0, stale: true },
  {
    fault: 'the watch is reset in the middle of a line',
    happens: server => server.watches.disturb('break'),
    lists: 0,
    stale: true,
  },
  {
    fault: 'the watch ends in the middle of a line',
    happens: server => server.watches.disturb('cut'),
    lists: 0,
    stale: true,
  },
  {
    fault: 'a line of the watch is not JSON',
    happens: server => server.watches.disturb('garbage'),
    lists: 0,
    stale: true,
  },
  {
    fault: 'each watch brings a line that is not JSON, three times',
    happens: server => {
      server.faults.add('watch', 'garbage', 3);
      server.watches.disturb('close');
    },
    lists: 3,
    stale: true,
  },
  {
    fault: 'the watch falls silent, and the server answers others',
    happens: server => server.watches.disturb('mute'),
    lists: 0,
    stale: false,
  },
  {
    fault: 'the server stops answering altogether, and goes on later',
    happens: async server => {
      server.frozen = true;
      server.watches.disturb('mute');
      await sleep(500);
    },
    ends: server => {
      server.frozen = false;
    },
    silence: 150,
    lists: 3,
    stale: true,
  },
  {
    fault: 'the server is away for a while',
    happens: async server => {
      await server.stop();
      await sleep(300);
    },
    ends: async server => {
      await server.start();
    },
    lists: 1,
    stale: true,
  },
  {
    fault: 'the server is away, and its history is compacted',
    happens: async server => {
      await server.stop();
    },
    ends: async server => {
      server.compact();
      await server.start();
    },
    lists: 3,
    stale: true,
  },
  {
    fault: 'its etcd is wiped and nobody is told',
    happens: server => {
      server.store.wipe();
      server.watches.disturb('mute');
    },
    lists: 1,
    stale: true,
  },
  {
    fault: 'its etcd is wiped',
    happens: async server => {
      await server.stop();
      server.store.wipe();
    },
    ends: async server => {
      await server.start();
    },
    lists: 2,
    stale: true,
  },
  ...[401, 403, 500, 502, 503].map(status => ({
    fault: `everything is answered ${status}, ten times`,
    happens: (server: ApiServer) => {
      server.faults.add('any', { status }, 10);
      server.watches.disturb('reset');
    },
    lists: 10,
    stale: true,
  })),
  {
    fault: 'too many requests, come back later',
    happens: server => {
      server.faults.add('watch', { status: 429, retryAfter: 1 }, 2);
      server.watches.disturb('close');
    },
    lists: 1,
    stale: true,
  },
];

describe('what happens to a watch', () => {
  test.each(rows)('$fault: nothing is lost', async ({ happens, ends, lists, stale, silence }) => {
    const server = await apiServer();
    for (const name of ['api', 'cart', 'gone', 'pay']) server.put(service(name));
    const followed = follow(server, { client: clientOf(server, silence) });
    await untilWatching(server, followed);
    const before = server.counts.list;
    await happens(server);
    server.remove(service('gone'));
    server.put(service('api', 'LoadBalancer'));
    server.put(service('late'));
    await ends?.(server);
    await untilEqual(server, followed);
    server.put(service('last'));
    await untilEqual(server, followed);
    expect(server.counts.list - before).toBeLessThanOrEqual(lists);
    const { states } = followed.mirror;
    expect(states.slice(0, 2)).toEqual(['synced', 'fresh']);
    expect(states.includes('stale')).toBe(stale);
    await vi.waitFor(() => expect(states.at(-1)).toBe('fresh'), SOON);
  });
});
