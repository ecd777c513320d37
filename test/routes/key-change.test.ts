import { expect, test } from 'vitest';
import { type KeyChange, nextStep } from '../../src/routes/key-change.ts';
import type { Tunnel } from '../../src/routes/liveness.ts';

const TRAFFIC = { handshake: 1, received: 1, sent: 1 };
const heardAt = (heard: number): Tunnel => ({
  answering: true,
  traffic: TRAFFIC,
  heardAt: heard,
  sentThen: 1,
  since: 0,
  patience: 0,
});
const NOW = 100_000;
const leaving = (since: number): KeyChange => ({ phase: 'leaving', since });
const withdrawn = (since: number): KeyChange => ({ phase: 'withdrawn', since });

test.each<{
  row: string;
  change?: KeyChange;
  asked?: boolean;
  heard?: number[];
  is: ReturnType<typeof nextStep>;
}>([
  { row: 'nobody asked', asked: false, is: undefined },
  { row: 'asked: own routes first', is: leaving(NOW) },
  { row: 'routes may not be elsewhere yet', change: leaving(NOW - 1_000), is: leaving(NOW - 1_000) },
  { row: 'routes are elsewhere: the key is withdrawn', change: leaving(NOW - 2_500), is: withdrawn(NOW) },
  {
    row: 'somebody has not heard of it yet',
    change: withdrawn(NOW - 20_000),
    heard: [NOW - 30_000, NOW - 2_000],
    is: withdrawn(NOW - 20_000),
  },
  { row: 'all are silent', change: withdrawn(NOW - 20_000), heard: [NOW - 8_000, NOW - 30_000], is: 'take' },
  { row: 'nobody is there', change: withdrawn(NOW - 7_500), is: 'take' },
  {
    row: 'silent for no time yet',
    change: withdrawn(NOW - 2_500),
    heard: [NOW - 9_000],
    is: withdrawn(NOW - 2_500),
  },
  { row: 'somebody will never hear of it', change: withdrawn(NOW - 60_000), heard: [NOW], is: 'take' },
  { row: 'asked no more', change: withdrawn(NOW - 20_000), asked: false, is: undefined },
])('$row', ({ change, asked = true, heard = [], is }) => {
  expect(nextStep(change, asked, heard.map(heardAt), NOW)).toEqual(is);
});
