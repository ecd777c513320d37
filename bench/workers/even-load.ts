import { join } from 'node:path';
import { readStatistics } from '../dns/dnsperf.ts';
import type { Stage } from '../dns/stage.ts';

/** So many that the kernel, which spreads clients by a hash of their ports, gives each socket much the same. */
const PORTS = 64;
const OUTSTANDING = 100;

/** A client that is bound to a CPU, and the port that it asks. */
export interface Asking {
  readonly cpu: number;
  readonly port: number;
}

/**
 * The same load at saturation from each CPU: what one CPU has to do besides serving, each of several has to do as well.
 */
export async function putEvenLoad(
  { fleet, programs, directory, queryFile }: Stage,
  clients: readonly Asking[],
  seconds: number,
): Promise<{ readonly rate: number; readonly completed: number }> {
  const results = await Promise.all(
    clients.map(async ({ cpu, port }) => {
      const words = ['-s', '127.0.0.1', '-p', port, '-d', queryFile, '-l', seconds];
      const output = await fleet.run({
        program: programs.dnsperf,
        arguments: [...words, '-c', PORTS, '-q', OUTSTANDING].map(String),
        ...{ cpus: [cpu], directory, output: join(directory, `dnsperf-${cpu}.output`) },
      });
      return readStatistics(output);
    }),
  );
  return {
    rate: results.reduce((sum, { rate }) => sum + rate, 0),
    completed: results.reduce((sum, { completed }) => sum + completed, 0),
  };
}
