import { FastPath } from '../../src/answer/fast-path.ts';
import { answerMessage, readyAnswer } from '../../src/answer/ready-answer.ts';
import type { Responder } from '../../src/answer/responder.ts';
import { VersionBoard } from '../../src/answer/version-board.ts';
import type { Zone } from '../../src/records/zone.ts';
import { responderOf } from './dns.ts';
import type { OracleOptions } from './oracle.ts';
import { NAMESPACES } from './zone.ts';

/** Octets around each part of an exchange that nobody may write to. */
const GUARD = 64;
const CANARY = 0xa5;
const ROOM = 1232;

/** A fast path beside a responder that compiles for it, fed as another thread would be. */
export class FastSide {
  readonly board = new VersionBoard(VersionBoard.words());
  readonly path: FastPath;
  readonly payloadSize: number;
  readonly #responder: Responder;

  constructor(zone: Zone, options: OracleOptions, answers = 1024) {
    this.#responder = responderOf(zone, options);
    this.board.apply({ services: new Map(), namespaces: NAMESPACES }, zone.serial);
    this.payloadSize = options.payloadSize;
    this.path = new FastPath({ ...options, board: this.board, answers, hashSeed: 0xfa57 });
  }

  /** The fast path's own reply, or undefined where it leaves the message to others. Throws where a guard was hurt. */
  answer(message: Uint8Array, client: Uint8Array = Uint8Array.of(127, 0, 0, 1)): Uint8Array | undefined {
    const parts = [message.length, client.length, ROOM];
    const memory = new Uint8Array(parts.reduce((sum, part) => sum + part + GUARD, GUARD)).fill(CANARY);
    const clientStart = GUARD + message.length + GUARD;
    const outputStart = clientStart + client.length + GUARD;
    memory.set(message, GUARD);
    memory.set(client, clientStart);
    const before = memory.slice();
    const length = this.path.answer({
      ...{ message: memory, start: GUARD, end: GUARD + message.length },
      ...{ client: memory, clientStart, clientLength: client.length },
      ...{ output: memory, outputStart },
    });
    const after = memory.slice();
    after.set(before.subarray(outputStart, outputStart + length), outputStart);
    if (Buffer.compare(before, after) !== 0) throw new Error('something outside of the reply was written to');
    return length === 0 ? undefined : memory.subarray(outputStart, outputStart + length);
  }

  /** Lets the responder answer, and takes over what it compiled; false: it keeps nothing for this message. */
  learn(message: Uint8Array): boolean {
    this.#responder.respond(message, { transport: 'udp', address: '127.0.0.1' });
    const kept = this.#responder.keptFor(message);
    if (kept === undefined) return false;
    const { board, payloadSize } = this;
    const answer = answerMessage(kept, { board, payloadSize, clusterSlot: () => 7 });
    if (answer === undefined) return false;
    this.path.keep(readyAnswer(structuredClone(answer)));
    return true;
  }
}
