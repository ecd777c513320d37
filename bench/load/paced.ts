import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLIENT_CPU } from '../dns/running.ts';
import type { Stage } from '../dns/stage.ts';
import type { PacedLoad, PacedResult } from './paced-stream.ts';
import type { Asked } from './questions.ts';

export interface AskingLoad extends PacedLoad {
  readonly asked: Asked;
}

const PROGRAM = fileURLToPath(new URL('./paced-program.ts', import.meta.url));

/** Asks for the names of the zone at a fixed rate, in a process of its own, to its end. */
export async function putPacedLoad(stage: Stage, load: PacedLoad): Promise<PacedResult> {
  const [result] = await putPacedLoads(stage, [{ ...load, asked: { file: stage.queryFile } }]);
  if (result === undefined) throw new Error('a load without a result');
  return result;
}

/** Puts loads on at the same time. */
export async function putPacedLoads(stage: Stage, loads: readonly AskingLoad[]): Promise<PacedResult[]> {
  const output = await stage.fleet.run({
    program: process.execPath,
    arguments: [PROGRAM, JSON.stringify(loads)],
    cpus: [CLIENT_CPU],
    directory: stage.directory,
    output: join(stage.directory, 'paced.output'),
  });
  return JSON.parse(output);
}
