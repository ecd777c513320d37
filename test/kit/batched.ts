import { MessageChannel } from 'node:worker_threads';
import { FastPath } from '../../src/answer/fast-path.ts';
import { answerMessage, readyAnswer } from '../../src/answer/ready-answer.ts';
import type { Restraint } from '../../src/answer/restraint.ts';
import { VersionBoard } from '../../src/answer/version-board.ts';
import type { MergedService } from '../../src/mesh/model.ts';
import type { Zone } from '../../src/records/zone.ts';
import { Arena } from '../../src/serve/batched/arena.ts';
import { type Lesson, Lessons } from '../../src/serve/batched/lessons.ts';
import { Serving } from '../../src/serve/batched/serving.ts';
import { Signals } from '../../src/serve/batched/signals.ts';
import type { SlowQuery } from '../../src/serve/batched/slow-query.ts';
import { openSockets } from '../../src/serve/batched/socket.ts';
import { loadSystemCalls, type SystemCalls } from '../../src/serve/batched/system-calls.ts';
import { FastCounts } from '../../src/serve/fast-counts.ts';
import { responderOf } from './dns.ts';
import { SETTINGS } from './oracle.ts';
import { NAMESPACES, put } from './zone.ts';

const MESSAGES = 64;
const SEND_ROOM = 1232;

export interface ServingHereOptions {
  /** True: what is handed over is never replied to. */
  readonly isHeldUp: boolean;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  readonly restraint: Restraint | undefined;
  /** In place of the system's. */
  readonly receive: SystemCalls['receive'] | undefined;
}

/** What a serving thread runs, but in this thread and turn by turn. */
export async function servingHere(
  zone: Zone,
  known: readonly Uint8Array[],
  { isHeldUp = false, now = () => performance.now(), restraint, receive }: Partial<ServingHereOptions> = {},
) {
  const calls = await loadSystemCalls();
  const [[socket = -1], bound] = openSockets(calls, { address: '127.0.0.1', port: 0 }, 1);
  const memory = calls.map(Arena.lengthFor(MESSAGES, SEND_ROOM));
  const arena = new Arena({ calls, memory, messages: MESSAGES, sendRoom: SEND_ROOM });
  const board = new VersionBoard(VersionBoard.words());
  board.apply({ services: new Map(), namespaces: NAMESPACES }, zone.serial);
  const fastPath = new FastPath({ ...SETTINGS, board, answers: 1024, hashSeed: 1 });
  const responder = responderOf(zone, SETTINGS);
  for (const message of known) {
    responder.respond(message, { transport: 'udp', address: '127.0.0.1' });
    const kept = responder.keptFor(message);
    const answer = kept && answerMessage(kept, { board, payloadSize: SEND_ROOM, clusterSlot: () => -1 });
    if (answer !== undefined) fastPath.keep(readyAnswer(answer));
  }
  const slow: SlowQuery[] = [];
  const signals = new Signals(Signals.words());
  // Told to stop from the beginning, it answers what has arrived and returns.
  signals.stop();
  const counts = new FastCounts(FastCounts.words());
  const { port1, port2 } = new MessageChannel();
  const handOver = (queries: readonly SlowQuery[]) => {
    slow.push(...queries);
    if (isHeldUp) return;
    for (const { question, isMissing } of queries) {
      if (isMissing) {
        port2.postMessage({ question, answer: undefined } satisfies Lesson);
        signals.countSent();
      }
      signals.addPending(-1);
    }
  };
  const serving = new Serving({
    ...{ socket, arena, fastPath, signals, counts, handOver, restraint, now },
    calls: { ...calls, receive: receive ?? calls.receive },
    lessons: new Lessons({ port: port1, taken: 0, signals, fastPath }),
  });
  return {
    port: bound.port,
    socket,
    arena,
    counts,
    /** Makes untrue what is known of services. */
    change: (services: readonly MergedService[]) => board.apply(put(zone, services), zone.serial),
    /** Answers what has arrived; returns what it left to the slow path. */
    serve: () => {
      serving.run(() => {});
      return slow.splice(0);
    },
    close: async () => {
      port2.close();
      calls.close(socket);
    },
  };
}
