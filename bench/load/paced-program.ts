import { loadSystemCalls } from '../../src/serve/batched/system-calls.ts';
import type { AskingLoad } from './paced.ts';
import { runPaced } from './paced-client.ts';
import { PacedStream } from './paced-stream.ts';
import { questionsOf } from './questions.ts';

/** Loads as JSON, which are put on at the same time. Prints the results. */
async function run(loads: readonly AskingLoad[]): Promise<void> {
  const calls = await loadSystemCalls();
  const now = () => performance.now();
  const streams = loads.map(load => new PacedStream(calls, load, questionsOf(load.asked), now));
  console.log(JSON.stringify(runPaced(streams, now)));
}

await run(JSON.parse(process.argv[2] ?? '[]'));
