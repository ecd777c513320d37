import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { loggerTo } from '../../src/ops/log.ts';
import { failureLog, queryLog } from '../../src/serve/query-log.ts';
import { responderOf, UDP } from '../kit/dns.ts';
import { packet, query, question } from '../kit/packet.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

/** A logger and the lines that it wrote, without their times. */
function memory() {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      const { time: _time, ...line } = JSON.parse(String(chunk));
      lines.push(line);
      done();
    },
  });
  return { log: loggerTo(stream, 'info'), lines };
}

const zone = zoneOf([serviceOf('shop', 'payments', [clusterOf('east', ['10.10.0.10'])])]);

test('a query is one line', () => {
  const { log, lines } = memory();
  const responder = responderOf(zone, { observe: queryLog(log, 1, () => 0.5) });
  responder.respond(query('Payments.shop.svc.clusterset.local', 'A'), UDP);
  expect(lines).toEqual([
    {
      level: 'info',
      name: 'Payments.shop.svc.clusterset.local.',
      type: 'A',
      rcode: 'NOERROR',
      client: '127.0.0.1',
      transport: 'udp',
      cluster: 'east',
      microseconds: 0,
      msg: 'query',
    },
  ]);
});

test('octets that no name should have are escaped', () => {
  const { log, lines } = memory();
  const responder = responderOf(zone, { observe: queryLog(log, 1, () => 0) });
  responder.respond(packet({ questions: [question(['\u001b[31m\n', 'a.b', '\u00ff'], 'TYPE65280')] }), UDP);
  expect(lines[0]?.['name']).toBe('\\027[31m\\010.a\\.b.\\255.');
  expect(lines[0]?.['type']).toBe('TYPE65280');
});

test('what is no query has no name', () => {
  const { log, lines } = memory();
  const responder = responderOf(zone, { observe: queryLog(log, 1, () => 0) });
  responder.respond(Buffer.alloc(65_535, 0x3f), UDP);
  responder.respond(Buffer.alloc(3), UDP);
  expect(lines.map(({ name, type, rcode, drop }) => ({ name, type, rcode, drop }))).toEqual([
    { name: undefined, type: undefined, rcode: 'NOTIMP', drop: undefined },
    { name: undefined, type: undefined, rcode: undefined, drop: 'short' },
  ]);
});

test('the share that is asked for is logged', () => {
  const { log, lines } = memory();
  let turn = 0;
  const random = () => {
    turn += 1;
    return (turn % 100) / 100;
  };
  const responder = responderOf(zone, { observe: queryLog(log, 0.25, random) });
  for (let index = 0; index < 1_000; index += 1) {
    responder.respond(query('payments.shop.svc.clusterset.local', 'A'), UDP);
  }
  expect(lines).toHaveLength(250);
});

test('faults of ours are logged ever more rarely', () => {
  const { log, lines } = memory();
  const observe = failureLog(log);
  const failing = responderOf(zone, {
    observe,
    random: () => 0,
    unixSeconds: () => {
      throw new Error('no clock');
    },
  });
  const message = query('payments.shop.svc.clusterset.local', 'A', { cookie: Buffer.alloc(8) });
  for (let index = 0; index < 1_000; index += 1) failing.respond(message, UDP);
  expect(lines.map(({ failures }) => failures)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
  expect(lines[0]).toMatchObject({ level: 'error', drop: 'internal', err: { message: 'no clock' } });
});
