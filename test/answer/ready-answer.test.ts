import { describe, expect, test } from 'vitest';
import { type AnswerMessage, answerMessage } from '../../src/answer/ready-answer.ts';
import { VersionBoard } from '../../src/answer/version-board.ts';
import type { Zone } from '../../src/records/zone.ts';
import { query, responderOf, UDP } from '../kit/dns.ts';
import { SETTINGS } from '../kit/oracle.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

const Z = 'clusterset.local';
const board = new VersionBoard(VersionBoard.words());

/** What threads are sent for a question. */
function sentFor(zone: Zone, name: string, type: 'A' | 'SRV', payloadSize = 1232): AnswerMessage | undefined {
  const responder = responderOf(zone, SETTINGS);
  const message = query(`${name}.shop.svc.${Z}`, type);
  responder.respond(message, UDP);
  const kept = responder.keptFor(message);
  if (kept === undefined) throw new Error(`nothing is kept for ${name}`);
  return answerMessage(kept, { board, payloadSize, clusterSlot: () => 0 });
}

function octetsOf(answer: AnswerMessage | undefined): number {
  return (answer?.variants ?? []).reduce((sum, { bytes }) => sum + bytes.length, answer?.key.length ?? 0);
}

const pods = (count: number) => Array.from({ length: count }, (_, pod) => `10.${pod >> 8}.${pod & 255}.1`);

describe('no more is sent to threads than they may ever send', () => {
  const zone = zoneOf([
    serviceOf('shop', 'large', [clusterOf('east', [], { pods: pods(2_000) })], { type: 'Headless' }),
    serviceOf('shop', 'small', [clusterOf('east', [], { pods: pods(16) })], { type: 'Headless' }),
  ]);

  test.each([
    { name: 'large', type: 'A', whole: 16_000 },
    { name: '_http._tcp.large', type: 'SRV', whole: 60_000 },
  ] as const)('$type of 2,000 pods: the question', ({ name, type, whole }) => {
    const answer = sentFor(zone, name, type);
    expect(answer?.variants[0]?.length).toBeGreaterThan(whole);
    expect(answer?.variants[0]?.originCopies).toEqual([]);
    expect(octetsOf(answer)).toBeLessThan(150);
  });

  test('SRV of 16 pods: without their addresses', () => {
    const [variant] = sentFor(zone, '_http._tcp.small', 'SRV')?.variants ?? [];
    expect(variant?.length).toBeGreaterThan(1232);
    expect(variant?.bytes.length).toBe(variant?.additionalStart);
    expect(variant?.bytes.length).toBeLessThanOrEqual(1232);
  });

  test('the same where it fits: all of it', () => {
    const [variant] = sentFor(zone, '_http._tcp.small', 'SRV', 4096)?.variants ?? [];
    expect(variant?.bytes.length).toBe(variant?.length);
  });

  test('nothing of a name in so many clusters that they fill 128 KiB together', () => {
    const clusters = Array.from({ length: 200 }, (_, index) =>
      clusterOf(`c${index}`, [], { pods: pods(60) }),
    );
    const wide = zoneOf([serviceOf('shop', 'wide', clusters, { backends: 'endpoints' })]);
    expect(sentFor(wide, 'wide', 'A')).toBeUndefined();
  });
});
