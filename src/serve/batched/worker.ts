import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { FastPath } from '../../answer/fast-path.ts';
import type { RateLimitOptions } from '../../answer/rate-limit.ts';
import { Restraint } from '../../answer/restraint.ts';
import { VersionBoard } from '../../answer/version-board.ts';
import { FastCounts } from '../fast-counts.ts';
import { bindThread } from './affinity.ts';
import { Arena } from './arena.ts';
import { Lessons } from './lessons.ts';
import { Serving } from './serving.ts';
import { Signals } from './signals.ts';
import type { SlowQuery } from './slow-query.ts';
import { loadSystemCalls, type Memory } from './system-calls.ts';
import { askForShortTurns } from './turns.ts';

/** What a serving thread is started with, in plain values. */
export interface WorkerStart {
  readonly socket: number;
  /** The CPU to run on; undefined: any. */
  readonly cpu: number | undefined;
  readonly memory: Memory;
  readonly messages: number;
  readonly sendRoom: number;
  readonly signals: Int32Array;
  readonly counts: Float64Array;
  readonly board: Int32Array;
  /** Where lessons come in. */
  readonly lessons: MessagePort;
  /** How many were sent to threads before this one. */
  readonly lessonsBefore: number;
  readonly fastPath: {
    readonly cookieSecret: Uint8Array;
    readonly nsid: Uint8Array;
    readonly payloadSize: number;
    readonly answers: number;
    readonly hashSeed: number;
  };
  /** Undefined: no limit. */
  readonly limit: RateLimitOptions | undefined;
}

/** What a thread tells its parent: that it may not run on its CPU, that it serves, or what it cannot answer. */
export type WorkerMessage = 'unbound' | 'serving' | readonly SlowQuery[];

/** Serves one socket, and ends once it is told to stop. What it cannot answer it sends to its parent. */
async function run(start: WorkerStart): Promise<void> {
  const tell = (message: WorkerMessage) => parentPort?.postMessage(message);
  const calls = await loadSystemCalls();
  const { socket, cpu, memory, messages, sendRoom, lessons: port, lessonsBefore: taken } = start;
  if (cpu !== undefined && !bindThread(calls, cpu)) tell('unbound');
  try {
    askForShortTurns(calls);
  } catch {
    // Then it waits for its turn like everybody.
  }
  const signals = new Signals(start.signals);
  const unixSeconds = () => Math.floor(Date.now() / 1000);
  const { cookieSecret } = start.fastPath;
  const board = new VersionBoard(start.board);
  const fastPath = new FastPath({ ...start.fastPath, board, unixSeconds, random: Math.random });
  const serving = new Serving({
    ...{ calls, socket, signals, fastPath },
    lessons: new Lessons({ port, taken, signals, fastPath }),
    restraint: start.limit && new Restraint({ ...start.limit, cookieSecret, unixSeconds }),
    arena: new Arena({ calls, memory, messages, sendRoom }),
    counts: new FastCounts(start.counts),
    handOver: queries => tell(queries),
    now: () => performance.now(),
  });
  serving.run(() => tell('serving'));
}

await run(workerData);
