import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { decode, encode } from 'dns-packet';
import type { BenchRecord, BenchZone } from '../dns/zone.ts';
import type { History } from '../load/changer.ts';
import { byName, versionOf } from '../load/changing-zone.ts';
import { Histogram } from '../load/histogram.ts';
import { FAULTS, type Fault, judge } from './judge.ts';

/** Milliseconds after which a query counts as lost. */
const PATIENCE = 2_000;
const IDS = 65536;
/** A step through the names that meets all of them before any twice: 1,000 names have no factor in common with it. */
const STEP = 137;

interface Query {
  readonly name: string;
  readonly record: BenchRecord;
  readonly sentAt: number;
  readonly before: number;
}

/** Asks for a sample of names over UDP, each at its time, and holds every reply against what the source has held. */
export class Verifier {
  asked = 0;
  lost = 0;
  /** Replies that were wrong, by why. */
  readonly wrong: Record<Fault, number>;
  /** For how long what was answered had been replaced, in microseconds. */
  readonly lags = new Histogram();
  /** The first wrong replies in words. */
  readonly examples: string[] = [];
  readonly #port: number;
  readonly #history: History;
  readonly #now: () => number;
  readonly #socket = createSocket('udp4');
  readonly #records: readonly (readonly [string, BenchRecord])[];
  readonly #waiting = new Map<number, Query>();
  /** The newest version that was seen of a name. */
  readonly #newest = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param now milliseconds, of the clock of the history */
  constructor(port: number, zone: BenchZone, history: History, now: () => number) {
    this.#port = port;
    this.#history = history;
    this.#now = now;
    this.#records = [...byName(zone)];
    this.wrong = Object.fromEntries(FAULTS.map(fault => [fault, 0])) as Record<Fault, number>;
    this.#socket.on('message', message => this.#take(message));
  }

  /** Starts to ask at a rate by second; resolves with the port that it asks from. */
  async start(rate: number): Promise<number> {
    await new Promise<void>(bound => {
      this.#socket.bind(0, '127.0.0.1', bound);
    });
    const began = this.#now();
    this.#timer = setInterval(() => {
      while (this.asked < ((this.#now() - began) * rate) / 1_000) this.#ask();
      this.#giveUp(this.#now() - PATIENCE);
    }, 2);
    return this.#socket.address().port;
  }

  /** Asks no more; resolves once every query has its reply or is lost. */
  async finish(): Promise<void> {
    clearInterval(this.#timer);
    await sleep(PATIENCE);
    this.#giveUp(this.#now());
  }

  close(): void {
    this.#socket.close();
  }

  #ask(): void {
    const turn = this.asked++;
    const [name, record] = this.#records[(turn * STEP) % this.#records.length] ?? [];
    if (name === undefined || record === undefined) throw new Error('the zone is empty');
    const id = turn % IDS;
    const message = encode({ type: 'query', id, questions: [{ name, type: 'A' }] });
    this.#waiting.set(id, { name, record, sentAt: this.#now(), before: this.#newest.get(name) ?? 0 });
    this.#socket.send(message, this.#port, '127.0.0.1');
  }

  /** Oldest first: a map keeps what was put in in its order. */
  #giveUp(sentBefore: number): void {
    for (const [id, { sentAt }] of this.#waiting) {
      if (sentAt > sentBefore) return;
      this.#waiting.delete(id);
      this.lost += 1;
    }
  }

  #take(message: Buffer): void {
    const receivedAt = this.#now();
    const reply = decode(message);
    const query = this.#waiting.get(reply.id ?? -1);
    if (query === undefined) return;
    this.#waiting.delete(reply.id ?? -1);
    const { name, record, sentAt, before } = query;
    const isAnswer = reply.type === 'response' && reply.questions?.[0]?.name === name;
    const addresses = (reply.answers ?? []).flatMap(answer =>
      answer.type === 'A' && answer.name === name ? [answer.data] : [],
    );
    const version = isAnswer ? versionOf(record, addresses) : undefined;
    const judged = judge({ sentAt, receivedAt, version, before }, this.#history.get(record.namespace) ?? []);
    if (judged.right) this.lags.add(judged.lag * 1_000);
    else {
      this.wrong[judged.why] += 1;
      if (this.examples.length < 10) this.examples.push(`${name}: ${judged.why}: ${addresses.join(' ')}`);
    }
    this.#newest.set(name, Math.max(this.#newest.get(name) ?? 0, version ?? 0));
  }
}
