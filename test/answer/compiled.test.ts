import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QueryEvent } from '../../src/answer/event.ts';
import type { Responder, ResponderOptions } from '../../src/answer/responder.ts';
import type { Zone } from '../../src/records/zone.ts';
import { ask, query, replyTo, responderOf, TCP } from '../kit/dns.ts';
import { heldOctets } from '../kit/memory.ts';
import { plainReply, SETTINGS } from '../kit/oracle.ts';
import { steps, World } from '../kit/world.ts';
import { clusterOf, put, serviceOf, takeOut, zoneOf } from '../kit/zone.ts';

const Z = 'clusterset.local';
const NAME = `payments.shop.svc.${Z}`;

/** A responder, and what it did with the last message. */
function watched(zone: Zone, options: Partial<ResponderOptions> = {}) {
  const last: Partial<QueryEvent> = {};
  const responder = responderOf(zone, { ...options, observe: event => Object.assign(last, event) });
  return { responder, last };
}

function payments(address = '10.10.0.10') {
  return serviceOf('shop', 'payments', [clusterOf('east', [address])]);
}

function headless(name: string, pods: readonly string[]) {
  return serviceOf('shop', name, [clusterOf('east', [], { pods })], { type: 'Headless' });
}

describe('whatever was asked and changed before, a reply is the one that is compiled anew from a zone made in one go', () => {
  test.each([1, 3, 1024])('with room for %i compiled answers', compiledAnswers => {
    fc.assert(
      fc.property(steps, taken => {
        const world = new World();
        let random = 0;
        const options = { ...SETTINGS, compiledAnswers, random: () => random };
        const warm = responderOf(world.zone, options);
        for (const one of taken) {
          if (!('asked' in one)) {
            world.change(one);
            continue;
          }
          random = one.asked.random;
          const message = query(one.asked.name, one.asked.type, one.asked.options);
          const plain = plainReply(world.rebuilt(), message, options, one.asked.client);
          expect(replyTo(warm, message, one.asked.client)).toEqual(plain);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('what a change drops', () => {
  const compiledAfter = (
    change: (zone: Zone) => void,
    asked: readonly (readonly [string, 'A' | 'SOA'])[],
  ) => {
    const zone = zoneOf([payments(), headless('ledger', ['10.1.0.1'])]);
    const { responder, last } = watched(zone);
    const isCompiled = ([name, type]: readonly [string, 'A' | 'SOA']) => {
      ask(responder, name, type);
      return last.compiled;
    };
    expect(asked.map(isCompiled)).toEqual(asked.map(() => false));
    expect(asked.map(isCompiled)).toEqual(asked.map(() => true));
    change(zone);
    return asked.map(isCompiled);
  };
  const NAMES = [
    [NAME, 'A'],
    [`ledger.shop.svc.${Z}`, 'A'],
    [`10-1-0-1.east.ledger.shop.svc.${Z}`, 'A'],
    [`nobody.shop.svc.${Z}`, 'A'],
    [Z, 'SOA'],
  ] as const;

  test('nothing, if nothing changed', () => {
    expect(compiledAfter(() => {}, NAMES)).toEqual([true, true, true, true, true]);
  });

  test('the answers of that service and those with a SOA; other services keep theirs', () => {
    expect(compiledAfter(zone => put(zone, [payments('10.10.0.11')]), NAMES)).toEqual([
      false,
      true,
      true,
      false,
      false,
    ]);
  });

  test('the answers of a service that is gone', () => {
    expect(compiledAfter(zone => takeOut(zone, ['shop/ledger']), NAMES)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  test('the answers of a namespace that is gone', () => {
    const drop = (zone: Zone) => zone.apply({ services: new Map(), namespaces: new Set(['platform']) }, 1);
    expect(compiledAfter(drop, NAMES)).toEqual([false, false, false, false, false]);
  });
});

test('one compiled answer serves UDP and TCP, with EDNS and without, any id and flags', () => {
  const { responder, last } = watched(zoneOf([payments()]));
  ask(responder, NAME, 'A');
  const variations = [{ client: TCP }, { edns: 4096 }, { nsid: true, dnssecOk: true }, { id: 1, flags: 0 }];
  for (const options of variations) {
    ask(responder, NAME, 'A', options);
    expect(last.compiled).toBe(true);
  }
});

test('SERVFAIL before the first load is not kept', () => {
  const zone = zoneOf([], { synced: false });
  const { responder } = watched(zone);
  expect(ask(responder, NAME, 'A').rcode).toBe('SERVFAIL');
  zone.markSynced();
  expect(ask(responder, NAME, 'A').rcode).toBe('NXDOMAIN');
});

describe('memory', () => {
  /** The number of questions, of those given, that are still answered from compiled bytes; asked newest first. */
  const kept = (responder: Responder, last: Partial<QueryEvent>, names: readonly string[]) =>
    names.toReversed().filter(name => {
      ask(responder, name, 'A', { client: TCP });
      return last.compiled;
    }).length;

  test.each([
    { row: 'names that exist', services: 300, most: 75 },
    { row: 'names that do not', services: 0, most: 25 },
  ])('no more answers are kept than were allowed: $row', ({ services, most }) => {
    const names = Array.from({ length: 300 }, (_, index) => `name-${index}`);
    const own = names
      .slice(0, services)
      .map(name => serviceOf('shop', name, [clusterOf('east', ['10.1.0.1'])]));
    const { responder, last } = watched(zoneOf(own), { compiledAnswers: 100 });
    const asked = names.map(name => `${name}.shop.svc.${Z}`);
    for (const name of asked) ask(responder, name, 'A');
    expect(kept(responder, last, asked.slice(-most))).toBe(most);
    for (const name of asked) ask(responder, name, 'A');
    expect(kept(responder, last, asked.slice(0, 200))).toBe(0);
  });

  test('a flood of names that do not exist takes nothing from those that do', () => {
    const names = Array.from({ length: 75 }, (_, index) => `name-${index}`);
    const own = names.map(name => serviceOf('shop', name, [clusterOf('east', ['10.1.0.1'])]));
    const { responder, last } = watched(zoneOf(own), { compiledAnswers: 100 });
    const asked = names.map(name => `${name}.shop.svc.${Z}`);
    for (const name of asked) ask(responder, name, 'A');
    for (let index = 0; index < 1_000; index++) ask(responder, `nobody-${index}.shop.svc.${Z}`, 'A');
    expect(kept(responder, last, asked)).toBe(75);
  });

  test('all spellings of a question are one answer', () => {
    const { responder, last } = watched(zoneOf([payments()]), { compiledAnswers: 1 });
    ask(responder, NAME, 'SRV');
    for (const name of [NAME.toUpperCase(), `Payments.Shop.SVC.${Z}`]) {
      expect(ask(responder, name, 'SRV').questions).toEqual([`${name}. IN SRV`]);
      expect(last.compiled).toBe(true);
    }
  });

  test('large answers are counted by their octets', () => {
    const pods = Array.from({ length: 1000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    const services = Array.from({ length: 32 }, (_, index) => `large-${index}`);
    const zone = zoneOf(services.map(name => headless(name, pods)));
    const { responder, last } = watched(zone, { compiledAnswers: 1000 });
    const names = services.map(name => `${name}.shop.svc.${Z}`);
    for (const name of names) ask(responder, name, 'A');
    // 750 answers of 512 octets, a quarter being for names that do not exist, are worth 23 of 16 KiB.
    expect(kept(responder, last, names.slice(-23))).toBe(23);
    expect(kept(responder, last, names.slice(0, 8))).toBe(0);
  });

  test('an answer does not keep the service alive that it was made from', () => {
    const pods = Array.from({ length: 1000 }, (_, index) => `10.0.${index >> 8}.${index & 255}`);
    const zone = zoneOf([headless('large', pods)]);
    const { responder } = watched(zone);
    const before = heldOctets();
    // A rolling restart: each time another pod is asked for, so each state of the service has an answer of its own.
    for (const pod of pods.slice(0, 100)) {
      put(zone, [headless('large', pods)]);
      ask(responder, `${pod.replaceAll('.', '-')}.east.large.shop.svc.${Z}`, 'A');
    }
    expect(heldOctets() - before).toBeLessThan(16 * 2 ** 20);
  });
});

test("a reply is the caller's: changing it, or the message, changes no later one", () => {
  const { responder } = watched(zoneOf([payments()]));
  const message = query(NAME, 'A', { edns: 1232, nsid: true });
  const first = replyTo(responder, message);
  const copy = Buffer.from(first);
  first.fill(0xff);
  expect(replyTo(responder, message)).toEqual(copy);
  message.fill(0xff);
  expect(replyTo(responder, query(NAME, 'A', { edns: 1232, nsid: true }))).toEqual(copy);
});
