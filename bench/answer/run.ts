import type { Exchange } from '../../src/answer/fast-path.ts';
import { answerMessage, readyAnswer } from '../../src/answer/ready-answer.ts';
import { VersionBoard } from '../../src/answer/version-board.ts';
import { query, responderOf, UDP } from '../../test/kit/dns.ts';
import { FastSide } from '../../test/kit/fast-path.ts';
import { SETTINGS } from '../../test/kit/oracle.ts';
import type { QueryOptions } from '../../test/kit/packet.ts';
import { clusterOf, serviceOf, zoneOf } from '../../test/kit/zone.ts';

/** What the fast path takes for one query by itself, without sockets: processor time, the least of several runs. */

const NAMES = 1_000;
const PASSES = 200;
const RUNS = 12;
/** Octets between queries, so that no two of them share a cache line by chance. */
const GAP = 64;

const pods = ['10.0.0.1', '10.0.0.2', '10.0.0.3'];
const zone = zoneOf(
  Array.from({ length: NAMES }, (_, index) =>
    serviceOf('shop', `svc${index}`, [clusterOf('east', [], { pods })], { type: 'Headless' }),
  ),
);

const ROWS: readonly { readonly label: string; readonly prefix?: string; readonly options: QueryOptions }[] =
  [
    { label: 'plain', options: {} },
    { label: 'EDNS', options: { edns: 1232 } },
    { label: 'EDNS, mixed case (0x20)', prefix: 'SVC', options: { edns: 1232 } },
    { label: 'EDNS, client cookie', options: { edns: 1232, cookie: Buffer.alloc(8, 1) } },
    { label: 'EDNS, client and server cookie', options: { edns: 1232, cookie: Buffer.alloc(24, 1) } },
  ];

/** Nanoseconds by query. */
function measure({ prefix = 'svc', options }: (typeof ROWS)[number]): number {
  const side = new FastSide(zone, SETTINGS, NAMES);
  const messages = Array.from({ length: NAMES }, (_, index) =>
    query(`${prefix}${index}.shop.svc.clusterset.local`, 'A', { id: index, ...options }),
  );
  for (const message of messages) side.learn(message);
  const memory = Buffer.concat([
    Buffer.alloc(GAP, 1),
    ...messages.flatMap(message => [message, Buffer.alloc(GAP)]),
  ]);
  const exchange: Exchange = {
    ...{ message: memory, start: 0, end: 0, client: memory, clientStart: 0, clientLength: 4 },
    ...{ output: new Uint8Array(4096), outputStart: 0 },
  };
  const pass = () => {
    exchange.end = 0;
    for (const message of messages) {
      exchange.start = exchange.end + GAP;
      exchange.end = exchange.start + message.length;
      if (side.path.answer(exchange) === 0) throw new Error('a query was left to the slow path');
    }
  };
  const runs = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage().user;
    for (let count = 0; count < PASSES; count++) pass();
    return process.cpuUsage().user - before;
  });
  return (Math.min(...runs) * 1000) / (PASSES * NAMES);
}

/** Microseconds to hand an answer of 2,000 SRV records to a thread: packed, cloned and unpacked. */
function measureHandingOver(payloadSize: number): number {
  const addresses = Array.from({ length: 2_000 }, (_, pod) => `10.${pod >> 8}.${pod & 255}.1`);
  const clusters = [clusterOf('east', [], { pods: addresses })];
  const responder = responderOf(
    zoneOf([serviceOf('shop', 'large', clusters, { type: 'Headless' })]),
    SETTINGS,
  );
  const message = query('_http._tcp.large.shop.svc.clusterset.local', 'SRV');
  responder.respond(message, UDP);
  const kept = responder.keptFor(message);
  if (kept === undefined) throw new Error('nothing was kept');
  const board = new VersionBoard(VersionBoard.words());
  const runs = Array.from({ length: RUNS }, () => {
    const before = process.cpuUsage().user;
    for (let count = 0; count < PASSES; count++) {
      const answer = answerMessage(kept, { board, payloadSize, clusterSlot: () => 0 });
      if (answer !== undefined) readyAnswer(structuredClone(answer));
    }
    return process.cpuUsage().user - before;
  });
  return Math.min(...runs) / PASSES;
}

for (const size of [1232, 4096, 65_535])
  console.log(
    `2,000 SRV records to a thread that may send ${size} octets: ${measureHandingOver(size).toFixed(0)} µs`,
  );
for (const row of ROWS) console.log(`${row.label}: ${measure(row).toFixed(0)} ns`);
