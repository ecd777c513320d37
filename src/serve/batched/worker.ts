import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { FastPath } from '../../answer/fast-path.ts';
import type { RateLimitOptions } from '../../answer/rate-limit.ts';
import { type AnswerMessage, readyAnswer } from '../../answer/ready-answer.ts';
import { Restraint } from '../../answer/restraint.ts';
import { VersionBoard } from '../../answer/version-board.ts';
import { FastCounts } from '../fast-counts.ts';
import { Arena } from './arena.ts';
import { Serving, type SlowQuery } from './serving.ts';
import { Signals } from './signals.ts';
import { loadSystemCalls, type Memory } from './system-calls.ts';

/** What a serving thread is started with, in plain values. */
export interface WorkerStart {
  readonly socket: number;
  readonly memory: Memory;
  readonly messages: number;
  readonly sendRoom: number;
  readonly signals: Int32Array;
  readonly counts: Float64Array;
  readonly board: Int32Array;
  /** Where answers come in. */
  readonly answers: MessagePort;
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

/** Serves one socket, and ends once it is told to stop. What it cannot answer it sends to its parent. */
async function run(start: WorkerStart): Promise<void> {
  const calls = await loadSystemCalls();
  const { socket, memory, messages, sendRoom, answers } = start;
  const signals = new Signals(start.signals);
  const unixSeconds = () => Math.floor(Date.now() / 1000);
  const { cookieSecret } = start.fastPath;
  const board = new VersionBoard(start.board);
  const fastPath = new FastPath({ ...start.fastPath, board, unixSeconds, random: Math.random });
  let seen = 0;
  const takeIn = () => {
    const { sent } = signals;
    if (sent === seen) return;
    seen = sent;
    for (let next = receiveMessageOnPort(answers); next !== undefined; next = receiveMessageOnPort(answers)) {
      const answer: AnswerMessage = next.message;
      fastPath.keep(readyAnswer(answer));
    }
  };
  const serving = new Serving({
    ...{ calls, socket, signals, fastPath, takeIn },
    restraint: start.limit && new Restraint({ ...start.limit, cookieSecret, unixSeconds }),
    arena: new Arena({ calls, memory, messages, sendRoom }),
    counts: new FastCounts(start.counts),
    handOver: (queries: readonly SlowQuery[]) => parentPort?.postMessage(queries),
    now: () => performance.now(),
  });
  serving.run();
}

await run(workerData);
