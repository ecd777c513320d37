import { describe, expect, test } from 'vitest';
import type { Client } from '../../src/answer/event.ts';
import { type Reply, type Responder, ZoneTransfer } from '../../src/answer/responder.ts';
import { parseCidr } from '../../src/base/ip.ts';
import { corpus } from '../kit/corpus.ts';
import { decode, query, replyTo, responderOf, TCP, UDP } from '../kit/dns.ts';
import { heldOctets } from '../kit/memory.ts';
import { mutate } from '../kit/mutate.ts';
import { hex, optRecord, packet, question } from '../kit/packet.ts';
import { seededRandom } from '../kit/random.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

const PACKETS = 200_000;
/** The first one fills the cache. What V8 compiles comes and goes by hundreds of KiB, so floors are compared. */
const ROUNDS = 10;
const Z = 'clusterset.local';
const NAME = `payments.shop.svc.${Z}`;

const pods = Array.from({ length: 90 }, (_, index) => `10.1.0.${index}`);
const zone = zoneOf([
  serviceOf('shop', 'payments', [clusterOf('east', ['10.10.0.10', 'fd10::10'])]),
  serviceOf('shop', 'ledger', [clusterOf('east', [], { pods })], { type: 'Headless' }),
]);

const good = [
  query(NAME, 'A'),
  query(NAME, 'TXT', { edns: 1232, nsid: true }),
  query(`ledger.shop.svc.${Z}`, 'A'),
];

/** What is wrong with the reply to a message, or undefined. */
function faultOf(message: Buffer, reply: Reply, client: Client): string | undefined {
  const mustBeSilent = message.length < 12 || ((message[2] ?? 0) & 0x80) !== 0;
  if (mustBeSilent) return reply === undefined ? undefined : 'a reply to what may not have one';
  if (reply === undefined) return 'no reply';
  if (!(reply instanceof ZoneTransfer)) return faultOfOne(message, reply, client);
  if (client.transport === 'udp') return 'a zone transfer over UDP';
  for (const one of reply.messages()) {
    const fault = faultOfOne(message, one, client);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function faultOfOne(message: Buffer, reply: Uint8Array, client: Client): string | undefined {
  if (reply[0] !== message[0] || reply[1] !== message[1]) return 'another id';
  if ((reply[2] ?? 0) >> 3 !== (0x10 | ((message[2] ?? 0) >> 3))) return 'no response, or of another opcode';
  const { edns, rcode, flags } = decode(reply);
  const limit = edns === undefined ? 512 : 1232;
  if (client.transport === 'udp' && reply.length > limit) return `${reply.length} octets`;
  if (client.transport === 'tcp' && flags.includes('tc')) return 'TC over TCP';
  if (rcode === 'SERVFAIL') return 'a fault of the server';
  return undefined;
}

/** Sends mutated messages, each followed by a good one, and returns the first few faults, each with its message. */
function faultsOf(responder: Responder, random: () => number, packets: number): string[] {
  const faults: string[] = [];
  const expected = good.map(message => replyTo(responderOf(zone), message));
  for (let sent = 0; sent < packets && faults.length < 5; sent++) {
    const message = mutate(corpus, random);
    const before = Buffer.from(message);
    const client = sent % 8 === 0 ? TCP : UDP;
    const fault = faultOf(message, responder.respond(message, client), client);
    if (fault !== undefined) faults.push(`${fault}: ${before.toString('hex')}`);
    if (!before.equals(message)) faults.push(`the message was written to: ${before.toString('hex')}`);
    const canary = sent % good.length;
    if (Buffer.compare(replyTo(responder, good[canary] ?? before), expected[canary] ?? before) !== 0)
      faults.push(`the good query after it was answered otherwise: ${before.toString('hex')}`);
  }
  return faults;
}

describe('mutated packets', () => {
  test(`${PACKETS} of them get what they deserve, and the good query after each is answered`, {
    timeout: 120_000,
  }, () => {
    const loopback = parseCidr('127.0.0.0/8');
    const responder = responderOf(zone, { allowTransfer: loopback === undefined ? [] : [loopback] });
    const random = seededRandom(42);
    const held = Array.from({ length: ROUNDS }, () => {
      expect(faultsOf(responder, random, PACKETS / ROUNDS)).toEqual([]);
      return heldOctets();
    });
    expect(Math.min(...held.slice(-3)) - Math.min(...held.slice(1, 4))).toBeLessThan(2 ** 20);
  });

  test('octets without any sense', () => {
    const random = seededRandom(7);
    const responder = responderOf(zone);
    for (let sent = 0; sent < 20_000; sent++) {
      const message = Buffer.from(Uint8Array.from({ length: random() * 80 }, () => random() * 256));
      expect(faultOf(message, responder.respond(message, UDP), UDP)).toBeUndefined();
    }
  });
});

describe('the largest messages', () => {
  test.each([
    { row: 'zeros', message: Buffer.alloc(65535), silent: false },
    { row: 'ones', message: Buffer.alloc(65535, 0xff), silent: true },
    {
      row: 'a question and zeros',
      message: packet({ questions: [question(NAME, 'A')], trailing: Buffer.alloc(65000) }),
      silent: false,
    },
    {
      row: 'labels of one octet',
      message: packet({ counts: [1, 0, 0, 0], trailing: Buffer.alloc(65523, 1) }),
      silent: false,
    },
    {
      row: 'pointers',
      message: packet({ counts: [1, 0, 0, 2], trailing: Buffer.alloc(65522, 'c00c', 'hex') }),
      silent: false,
    },
    {
      row: 'an OPT of 16,000 options',
      message: packet({
        questions: [question(NAME, 'A')],
        additionals: [
          optRecord({ options: Array.from({ length: 16_000 }, () => ({ code: 3, data: hex('') })) }),
        ],
      }),
      silent: false,
    },
  ])('$row', ({ message, silent }) => {
    const responder = responderOf(zone);
    for (const client of [UDP, TCP]) {
      const reply = responder.respond(message, client);
      expect(faultOf(message, reply, client)).toBeUndefined();
      expect(reply === undefined).toBe(silent);
    }
  });
});
