import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile, type Place } from '../../src/answer/compile.ts';
import type { MergedService, MeshChange } from '../../src/mesh/model.ts';
import type { Zone } from '../../src/records/zone.ts';
import { decode, NOW_SECONDS, query } from '../kit/dns.ts';
import { FastSide } from '../kit/fast-path.ts';
import { plainReply, SETTINGS } from '../kit/oracle.ts';
import { typeCode } from '../kit/packet.ts';
import { seededRandom } from '../kit/random.ts';
import { steps, World } from '../kit/world.ts';
import { clusterOf, NAMESPACES, put, serviceOf, takeOut, zoneOf } from '../kit/zone.ts';

const Z = 'clusterset.local';
const NAME = `payments.shop.svc.${Z}`;

function sideOf(zone: Zone, options = SETTINGS, answers?: number): FastSide {
  return new FastSide(zone, options, answers);
}

function octetsOf(reply: Uint8Array | undefined): Buffer {
  return Buffer.from(reply ?? []);
}

describe('a change', () => {
  const payments = (address: string) => serviceOf('shop', 'payments', [clusterOf('east', [address])]);
  const cart = serviceOf('shop', 'cart', [clusterOf('east', ['10.10.0.11'])]);
  const asked = {
    payments: query(NAME, 'A'),
    paymentsPort: query(`_ftp._tcp.${NAME}`, 'SRV'),
    cart: query(`cart.shop.svc.${Z}`, 'A'),
    nobody: query(`nobody.shop.svc.${Z}`, 'A'),
    nowhere: query(`any.nowhere.svc.${Z}`, 'A'),
    shop: query(`shop.svc.${Z}`, 'A'),
    outside: query(`www.${Z}`, 'A'),
    apex: query(Z, 'SOA'),
    servers: query(Z, 'NS'),
  };
  const all = Object.keys(asked);

  function world() {
    const zone = zoneOf([payments('10.10.0.10'), cart]);
    const side = sideOf(zone);
    for (const message of Object.values(asked)) expect(side.learn(message)).toBe(true);
    /** Which questions a change leaves answered; all that is answered has to be true. */
    const leftBy = (change: MeshChange): string[] => {
      side.board.apply(change, zone.serial);
      return Object.entries(asked).flatMap(([name, message]) => {
        const reply = side.answer(message);
        if (reply === undefined) return [];
        expect(octetsOf(reply)).toEqual(plainReply(zone, message, SETTINGS));
        return [name];
      });
    };
    return { zone, leftBy };
  }
  const without = (...names: string[]) => all.filter(name => !names.includes(name));

  test('of a service takes its own answers', () => {
    const { zone, leftBy } = world();
    expect(leftBy(put(zone, [payments('10.10.0.12')]))).toEqual(without('payments', 'paymentsPort'));
  });

  test('that takes a service out, its own', () => {
    const { zone, leftBy } = world();
    expect(leftBy(takeOut(zone, ['shop/cart']))).toEqual(without('cart'));
  });

  test('that brings a service, what said that there is none', () => {
    const { zone, leftBy } = world();
    const nobody = serviceOf('shop', 'nobody', [clusterOf('east', ['10.10.0.13'])]);
    expect(leftBy(put(zone, [nobody]))).toEqual(without('nobody'));
  });

  test.each([
    {
      row: 'one is gone',
      namespaces: ['platform', 'empty'],
      taken: ['payments', 'paymentsPort', 'cart', 'nobody', 'shop'],
    },
    { row: 'one came', namespaces: ['shop', 'platform', 'empty', 'nowhere'], taken: ['nowhere'] },
    { row: 'others came and went', namespaces: ['shop', 'test'], taken: [] },
  ])('of the namespaces, what lies in those: $row', ({ namespaces, taken }) => {
    const { zone, leftBy } = world();
    const change = { services: new Map<string, MergedService>(), namespaces: new Set(namespaces) };
    zone.apply(change, NOW_SECONDS);
    expect(leftBy(change)).toEqual(without(...taken));
  });

  test('shows in the serial of what it left', () => {
    const { zone, leftBy } = world();
    const before = zone.serial;
    leftBy(put(zone, [payments('10.10.0.12')]));
    const [authority] = decode(plainReply(zone, asked.nobody, SETTINGS) ?? Buffer.alloc(0)).authorities;
    expect(zone.serial).toBeGreaterThan(before);
    expect(JSON.stringify(authority)).toContain(String(zone.serial));
  });
});

describe('whatever was asked and changed before, what is answered fast has the octets of a reply compiled anew', () => {
  test.each([1, 3, 1024])('with room for %i answers', answers => {
    fc.assert(
      fc.property(steps, taken => {
        const world = new World();
        let random = 0;
        const options = { ...SETTINGS, random: () => random };
        const side = sideOf(world.zone, options, answers);
        for (const one of taken) {
          if (!('asked' in one)) {
            side.board.apply(world.change(one), world.zone.serial);
            continue;
          }
          random = one.asked.random;
          const message = query(one.asked.name, one.asked.type, one.asked.options);
          const expected = plainReply(world.zone, message, options);
          const first = side.answer(message);
          if (first !== undefined) expect(octetsOf(first)).toEqual(expected);
          else if (side.learn(message)) {
            const again = side.answer(message);
            // One that is worth more than all the room is not kept.
            if (again !== undefined || answers > 3) expect(octetsOf(again)).toEqual(expected);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test('and what a change does not touch is answered fast after it', () => {
    fc.assert(
      fc.property(steps, taken => {
        const world = new World();
        const side = sideOf(world.zone);
        const known = new Map<string, { message: Buffer; place: Place | undefined }>();
        let namespaces = NAMESPACES;
        for (const one of taken) {
          if ('asked' in one) {
            const message = query(one.asked.name, one.asked.type, one.asked.options);
            if (!side.learn(message)) continue;
            const name = one.asked.name.toLowerCase().split('.');
            const place = compile(world.zone, { name, type: typeCode(one.asked.type) })?.place;
            known.set(`${name.join('.')} ${one.asked.type}`, { message, place });
            continue;
          }
          const change = world.change(one);
          const before = namespaces;
          namespaces = change.namespaces;
          side.board.apply(change, world.zone.serial);
          const isTouched = (place: Place | undefined) =>
            place !== undefined &&
            (before.has(place.namespace) !== namespaces.has(place.namespace) ||
              change.services.has(place.key ?? ''));
          for (const [question, { message, place }] of known) {
            if (isTouched(place)) known.delete(question);
            else expect(octetsOf(side.answer(message))).toEqual(plainReply(world.zone, message, SETTINGS));
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});

test('of 20,000 kept answers one change takes its own and a few that share its slot', () => {
  const names = Array.from({ length: 10_000 }, (_, index) => `svc${index}`);
  const services = names.map(name => serviceOf('shop', name, [clusterOf('east', ['10.10.0.10'])]));
  const zone = zoneOf(services);
  const side = sideOf(zone, SETTINGS, 40_000);
  const messages = names.flatMap(name => [
    query(`${name}.shop.svc.${Z}`, 'A'),
    query(`no${name}.shop.svc.${Z}`, 'A'),
  ]);
  for (const message of messages) side.learn(message);
  const random = seededRandom(7);
  const changed = services[Math.floor(random() * services.length)];
  side.board.apply(put(zone, changed === undefined ? [] : [changed]), zone.serial);
  const lost = messages.filter(message => side.answer(message) === undefined).length;
  expect(lost).toBeGreaterThanOrEqual(1);
  expect(lost).toBeLessThan(10);
});
