import type { PacedResult, PacedStream } from './paced-stream.ts';

/** Milliseconds that replies are waited for after the last query. */
const PATIENCE = 2_000;

/**
 * Sends queries at fixed rates, whatever becomes of the ones before: query n of a stream is due at n / rate, and its
 * latency runs from there. A server that stops for a while, and a client that is late because of it, cannot hide it
 * that way (coordinated omission). It never sleeps: a CPU of its own is what it needs. For that reason several streams
 * share one client, where two would take the CPU from each other for milliseconds at a time.
 *
 * @param now milliseconds on a clock that never goes back
 * @returns what the streams have come to, in their order
 */
export function runPaced(streams: readonly PacedStream[], now: () => number): PacedResult[] {
  for (const stream of streams) stream.begin();
  while (!streams.every(({ isSent }) => isSent)) {
    for (const stream of streams) {
      stream.send();
      stream.receive();
    }
  }
  const deadline = now() + PATIENCE;
  while (streams.some(({ isWaiting }) => isWaiting) && now() < deadline) {
    for (const stream of streams) stream.receive();
  }
  return streams.map(stream => stream.finish());
}
