import { describe, expect, test } from 'vitest';
import type { RawObject } from '../../src/kube/client.ts';
import { EventRecorder, type EventSubject } from '../../src/kube/events.ts';
import type { Place } from '../../src/kube/resource.ts';
import { loggerTo } from '../../src/ops/log.ts';
import { VirtualClock } from '../kit/clock.ts';

const SERVICE: EventSubject = {
  apiVersion: 'v1',
  kind: 'Service',
  namespace: 'shop',
  name: 'cart',
  uid: 'u1',
};
const REMOTE: EventSubject = { apiVersion: 'causeway.dev/v1alpha1', kind: 'RemoteCluster', name: 'west' };

/** A recorder and the events that have arrived, unless the API server takes none. */
function recorder() {
  const clock = new VirtualClock();
  const api = { takes: true };
  const arrived: { place: Place; event: Record<string, unknown> }[] = [];
  const logs: string[] = [];
  const events = new EventRecorder({
    client: {
      create: async (_resource, place, event) => {
        if (!api.takes) throw new Error('no');
        arrived.push({ place, event: event as Record<string, unknown> });
        return event as RawObject;
      },
    },
    instance: 'host-1',
    log: loggerTo({ write: line => void logs.push(JSON.parse(line).msg) }, 'debug'),
    clock,
    wall: () => Date.UTC(2030, 0, 1) + clock.now(),
  });
  return { events, clock, api, arrived, logs, notes: () => arrived.map(({ event }) => event['note']) };
}

test('an event has everything that events.k8s.io/v1 asks for', async () => {
  const { events, clock, arrived } = recorder();
  events.emit(SERVICE, 'Warning', 'PortConflict', 'spec.ports: they disagree');
  await clock.advance(0);
  expect(arrived[0]?.event).toEqual({
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { namespace: 'shop', name: expect.stringMatching(/^causeway-[0-9a-f-]{36}$/) },
    eventTime: '2030-01-01T00:00:00.000000Z',
    reportingController: 'causeway.dev/controller',
    reportingInstance: 'host-1',
    action: 'Reconcile',
    reason: 'PortConflict',
    regarding: SERVICE,
    note: 'spec.ports: they disagree',
    type: 'Warning',
  });
  expect(arrived[0]?.place).toEqual(arrived[0]?.event['metadata']);
});

test('about what has no namespace it lies in the default one', async () => {
  const { events, clock, arrived } = recorder();
  events.emit(REMOTE, 'Normal', 'Returned', 'it answers again');
  await clock.advance(0);
  expect(arrived[0]?.place.namespace).toBe('default');
  expect(arrived[0]?.event['regarding']).toEqual(REMOTE);
});

test.each([
  ['as long as may be', 'x'.repeat(1024), 'x'.repeat(1024)],
  ['an octet too long', 'x'.repeat(1025), `${'x'.repeat(1021)}…`],
  ['of two octets each', 'ä'.repeat(600), `${'ä'.repeat(510)}…`],
  ['of four octets each', '𝄞'.repeat(300), `${'𝄞'.repeat(255)}…`],
])('a note %s', async (_name, message, note) => {
  const { events, clock, notes } = recorder();
  events.emit(SERVICE, 'Normal', 'Said', message);
  await clock.advance(0);
  expect(notes()).toEqual([note]);
  expect(Buffer.byteLength(String(notes()[0]))).toBeLessThanOrEqual(1024);
});

describe('the same again', () => {
  test('is told after ten minutes, and not before', async () => {
    const { events, clock, notes } = recorder();
    for (let minute = 0; minute < 25; minute++) {
      events.emit(SERVICE, 'Warning', 'PortConflict', 'they disagree');
      await clock.advance(60_000);
    }
    expect(notes()).toHaveLength(3);
    expect(events.counts).toMatchObject({ sent: 3, repeated: 22 });
  });

  test.each<[string, EventSubject, string, string]>([
    ['about another object', { ...SERVICE, name: 'till' }, 'PortConflict', 'they disagree'],
    ['about another kind', { ...SERVICE, kind: 'ServiceExport' }, 'PortConflict', 'they disagree'],
    ['for another reason', SERVICE, 'TypeConflict', 'they disagree'],
    ['in other words', SERVICE, 'PortConflict', 'two of three disagree'],
  ])('%s is not the same', async (_name, about, reason, message) => {
    const { events, clock, notes } = recorder();
    events.emit(SERVICE, 'Warning', 'PortConflict', 'they disagree');
    events.emit(about, 'Warning', reason, message);
    await clock.advance(0);
    expect(notes()).toHaveLength(2);
  });

  test('is told after all where the first did not arrive', async () => {
    const { events, clock, api, notes, logs } = recorder();
    api.takes = false;
    events.emit(SERVICE, 'Warning', 'PortConflict', 'they disagree');
    await clock.advance(0);
    api.takes = true;
    events.emit(SERVICE, 'Warning', 'PortConflict', 'they disagree');
    await clock.advance(0);
    expect(notes()).toHaveLength(1);
    expect(events.counts).toEqual({ sent: 1, repeated: 0, dropped: 0, failed: 1 });
    expect(logs).toEqual(['an event could not be written']);
  });
});

test('a flood is let through as a burst and five per second; the rest is counted', async () => {
  const { events, clock, notes } = recorder();
  for (let second = 0; second < 10; second++) {
    for (let count = 0; count < 1_000; count++) {
      events.emit(SERVICE, 'Normal', 'Said', `${second} ${count}`);
    }
    await clock.advance(1_000);
  }
  expect(notes()).toHaveLength(25 + 9 * 5);
  expect(events.counts.dropped).toBe(10_000 - 70);
});

test('no two events have one name', async () => {
  const { events, clock, arrived } = recorder();
  for (let count = 0; count < 25; count++) events.emit(SERVICE, 'Normal', 'Said', `${count}`);
  await clock.advance(0);
  expect(new Set(arrived.map(({ place }) => place.name)).size).toBe(25);
});
