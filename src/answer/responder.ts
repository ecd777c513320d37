import type { Cidr } from '../base/ip.ts';
import type { Zone } from '../records/zone.ts';
import { CLASS, EXTENDED_ERROR, HEADER_LENGTH, MAX_MESSAGE_LENGTH, RCODE, TYPE } from '../wire/codes.ts';
import { labelsAt } from '../wire/name.ts';
import { Query, rcodeOf } from '../wire/query.ts';
import { AnswerCache } from './answer-cache.ts';
import { isCurrent, isWithin, type Question } from './compile.ts';
import type { Client, Observer, QueryEvent } from './event.ts';
import { compileKept, type KeptAnswer } from './kept-answer.ts';
import { withOrigin, writeBody } from './message.ts';
import { type OptOptions, OptPolicy } from './opt.ts';
import { errorReply, finishReply, type OptContents } from './reply.ts';
import { transferBodies } from './transfer.ts';

/** What a responder is given: the zone, its settings, and everything that is not a function of the query. */
export interface ResponderOptions extends OptOptions {
  readonly zone: Zone;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** Most compiled answers kept, of 512 octets on the average. */
  readonly compiledAnswers: number;
  /** 32 bits that clients do not know. */
  readonly hashSeed: number;
  /** Who may transfer the zone. */
  readonly allowTransfer: readonly Cidr[];
  readonly observe: Observer;
}

/** A reply of several messages. Only TCP gets one. */
export class ZoneTransfer {
  readonly #messages: () => Iterable<Uint8Array>;

  constructor(messages: () => Iterable<Uint8Array>) {
    this.#messages = messages;
  }

  /** DNS messages, without the length that TCP puts before each. They are made one at a time, when asked for. */
  messages(): Iterable<Uint8Array> {
    return this.#messages();
  }
}

/** Replies to a message: one message, many, or undefined for silence. */
export type Reply = Uint8Array | ZoneTransfer | undefined;

const NO_OCTETS = new Uint8Array();

/**
 * Turns a message into its reply.
 *
 *     message ─► Query.read ─► compiled answer, by the question's octets ─► draw ─► patch id and flags ─► OPT ─► reply
 *                    │                    │ none, or not current
 *                    ▼                    ▼
 *              error or silence        compile() from the zone
 *
 * A compiled answer holds the whole reply but for what differs between two who ask the same: id, RD, size and OPT. So
 * one entry serves UDP and TCP, with EDNS and without.
 */
export class Responder {
  readonly #options: ResponderOptions;
  readonly #query = new Query();
  readonly #kept: AnswerCache<KeptAnswer>;
  readonly #opts: OptPolicy;
  readonly #event: QueryEvent;

  constructor(options: ResponderOptions) {
    this.#options = options;
    this.#opts = new OptPolicy(options);
    this.#kept = new AnswerCache<KeptAnswer>({ answers: options.compiledAnswers, seed: options.hashSeed });
    this.#event = {
      client: { transport: 'udp', address: '' },
      message: NO_OCTETS,
      type: 0,
      rcode: undefined,
      drop: undefined,
      failure: undefined,
      malformed: false,
      cluster: undefined,
      compiled: false,
      seconds: 0,
    };
  }

  /** The reply to one message. Bad input gets an error reply or none; it never throws. */
  respond(message: Uint8Array, client: Client): Reply {
    const started = this.#options.now();
    this.#beginEvent(message, client);
    const reply = this.#replyOrFailure(message, client);
    this.#event.seconds = (this.#options.now() - started) / 1000;
    this.#options.observe(this.#event);
    this.#event.message = NO_OCTETS;
    return reply;
  }

  /** What was last compiled for the question of a message, where it still holds: for those who answer by themselves. */
  keptFor(message: Uint8Array): KeptAnswer | undefined {
    if (this.#query.read(message) !== 'read' || this.#query.class !== CLASS.IN) return undefined;
    return this.#current(message);
  }

  /** A fault of ours must cost one query its answer, not the process its life. */
  #replyOrFailure(message: Uint8Array, client: Client): Reply {
    try {
      return this.#reply(message, client);
    } catch (failure) {
      this.#event.drop = 'internal';
      this.#event.failure = failure;
      this.#event.rcode = RCODE.SERVFAIL;
      return errorReply(this.#query, message, RCODE.SERVFAIL, undefined);
    }
  }

  #reply(message: Uint8Array, client: Client): Reply {
    const query = this.#query;
    const verdict = query.read(message);
    this.#event.type = query.type;
    if (verdict === 'short' || verdict === 'response') {
      this.#event.drop = verdict;
      this.#event.malformed = verdict === 'short';
      return undefined;
    }
    this.#event.malformed = verdict === 'formerr';
    if (verdict === 'cookie') return this.#replyToCookie(message, client);
    const rcode = rcodeOf(verdict);
    if (rcode !== undefined) return this.#error(message, client, rcode);
    if (query.class !== CLASS.IN) return this.#error(message, client, RCODE.REFUSED);
    if (query.type >= TYPE.TKEY && query.type < TYPE.ANY) return this.#replyToMeta(message, client);
    return this.#answer(message, client);
  }

  /**
   * RFC 7873 section 5.4: who has only a client cookie learns a server cookie; who has both learns whether it holds.
   */
  #replyToCookie(message: Uint8Array, client: Client): Uint8Array {
    const holds = this.#opts.acceptsCookie(this.#query, message, client);
    return this.#error(message, client, holds ? RCODE.NOERROR : RCODE.BADCOOKIE);
  }

  #answer(message: Uint8Array, client: Client): Uint8Array {
    const { zone } = this.#options;
    const found = this.#current(message);
    this.#event.compiled = found !== undefined;
    if (found !== undefined) return this.#send(message, client, found);
    const question = this.#question(message);
    if (!isWithin(question.name, zone.origin)) {
      return this.#error(message, client, RCODE.REFUSED, EXTENDED_ERROR.NOT_AUTHORITATIVE);
    }
    const kept = compileKept(zone, question);
    if (kept === undefined) return this.#error(message, client, RCODE.SERVFAIL, EXTENDED_ERROR.NOT_READY);
    this.#kept.put(kept);
    return this.#send(message, client, kept);
  }

  #current(message: Uint8Array): KeptAnswer | undefined {
    const kept = this.#kept.find(message, HEADER_LENGTH, this.#query.questionEnd - 4);
    return kept !== undefined && isCurrent(this.#options.zone, kept) ? kept : undefined;
  }

  #send(message: Uint8Array, client: Client, kept: KeptAnswer): Uint8Array {
    const { variants, draw, rcode, extendedError } = kept;
    const variant =
      (draw === undefined ? undefined : variants[draw.draw(this.#options.random())]) ?? variants[0];
    this.#event.rcode = rcode;
    this.#event.cluster = variant.cluster;
    const opt = this.#opt(message, client, rcode, extendedError);
    const spelling = { message, originCopies: variant.originCopies, originLength: kept.originLength };
    return finishReply(this.#query, variant, opt, this.#limit(client), spelling);
  }

  /** Types that ask for something else than data: zone transfers, and what nobody serves any more. */
  #replyToMeta(message: Uint8Array, client: Client): Reply {
    const { type } = this.#query;
    if (type !== TYPE.AXFR && type !== TYPE.IXFR) return this.#error(message, client, RCODE.NOTIMP);
    const { zone, allowTransfer } = this.#options;
    const question = this.#question(message);
    if (!isWithin(question.name, zone.origin)) {
      return this.#error(message, client, RCODE.REFUSED, EXTENDED_ERROR.NOT_AUTHORITATIVE);
    }
    const allowed = allowTransfer.some(cidr => cidr.contains(client.address));
    if (!allowed || (type === TYPE.AXFR && client.transport !== 'tcp')) {
      return this.#error(message, client, RCODE.REFUSED, EXTENDED_ERROR.PROHIBITED);
    }
    if (question.name.length !== zone.origin.length) return this.#error(message, client, RCODE.NOTAUTH);
    if (!zone.synced) return this.#error(message, client, RCODE.SERVFAIL, EXTENDED_ERROR.NOT_READY);
    this.#event.rcode = RCODE.NOERROR;
    return client.transport !== 'tcp' || this.#isUpToDate()
      ? this.#currentSoa(message, client, question)
      : this.#transfer(message, client, question);
  }

  /** The client of an IXFR holds this version or a newer one, by serial number arithmetic (RFC 1982). */
  #isUpToDate(): boolean {
    const { clientSerial } = this.#query;
    return clientSerial !== undefined && ((this.#options.zone.serial - clientSerial) | 0) <= 0;
  }

  /**
   * The SOA alone: to IXFR over UDP it says to come back over TCP (RFC 1995 section 4), to a client that is up to date
   * that it is (section 2).
   */
  #currentSoa(message: Uint8Array, client: Client, question: Question): Uint8Array {
    const answer = [{ owner: question.name, set: withOrigin(this.#options.zone.soa, question.name) }];
    const body = writeBody(question, RCODE.NOERROR, { answer, authority: [], additional: [] });
    const opt = this.#opt(message, client, RCODE.NOERROR, undefined);
    return finishReply(this.#query, { ...body, cluster: undefined }, opt, this.#limit(client));
  }

  /** IXFR gets the whole zone too, which RFC 1995 section 4 allows: no history is kept. */
  #transfer(message: Uint8Array, client: Client, question: Question): ZoneTransfer {
    const { zone } = this.#options;
    const query = new Query();
    query.read(message);
    const opt = this.#opt(message, client, RCODE.NOERROR, undefined);
    return new ZoneTransfer(function* () {
      for (const body of transferBodies(zone, question)) {
        yield finishReply(query, { ...body, cluster: undefined }, opt, MAX_MESSAGE_LENGTH);
      }
    });
  }

  #error(message: Uint8Array, client: Client, rcode: number, extendedError?: number): Uint8Array {
    this.#event.rcode = rcode;
    return errorReply(this.#query, message, rcode, this.#opt(message, client, rcode, extendedError));
  }

  #opt(message: Uint8Array, client: Client, rcode: number, extendedError?: number): OptContents | undefined {
    return this.#opts.contents(this.#query, message, client, rcode, extendedError);
  }

  #limit(client: Client): number {
    return this.#opts.limit(this.#query, client);
  }

  #question(message: Uint8Array): Question {
    return { name: labelsAt(message, HEADER_LENGTH), type: this.#query.type };
  }

  #beginEvent(message: Uint8Array, client: Client): void {
    const event = this.#event;
    event.client = client;
    event.message = message;
    event.type = 0;
    event.rcode = undefined;
    event.drop = undefined;
    event.failure = undefined;
    event.malformed = false;
    event.cluster = undefined;
    event.compiled = false;
  }
}
