import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CLIENT_CPU } from '../dns/running.ts';
import type { Stage } from '../dns/stage.ts';
import type { PacedLoad, PacedResult } from './paced-client.ts';

const PROGRAM = fileURLToPath(new URL('./paced-program.ts', import.meta.url));

/** Runs a paced client in a process of its own, to its end. */
export async function putPacedLoad(stage: Stage, load: PacedLoad): Promise<PacedResult> {
  const output = await stage.fleet.run({
    program: process.execPath,
    arguments: [PROGRAM, JSON.stringify(load), stage.queryFile],
    cpus: [CLIENT_CPU],
    directory: stage.directory,
    output: join(stage.directory, 'paced.output'),
  });
  return JSON.parse(output);
}
