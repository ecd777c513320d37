import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../test/e2e/kit/ports.ts';
import { tail } from './fleet.ts';
import { lookUp } from './lookup.ts';
import type { DnsServer } from './servers/server.ts';
import type { Stage } from './stage.ts';
import { type BenchZone, ownerName } from './zone.ts';

/** A server under test that answers. */
export interface RunningServer {
  readonly server: DnsServer;
  readonly pid: number;
  readonly port: number;
  /** Where ours tells what it counts. */
  readonly httpPort: number;
  /** Where its files are. */
  readonly directory: string;
}

/** All servers share one CPU, and the load has the other one to itself. */
export const SERVER_CPU = 0;
export const CLIENT_CPU = 1;

const START_LIMIT_MS = 20_000;

/** Starts a server in a new directory below `work` and waits until it answers the zone's first name. */
export async function startServer(
  { fleet, zone, directory: work }: Pick<Stage, 'fleet' | 'zone' | 'directory'>,
  server: DnsServer,
  program: string,
  cpus: readonly number[] = [SERVER_CPU],
): Promise<RunningServer> {
  const directory = join(work, server.name.replaceAll(/\W+/g, '-'));
  mkdirSync(directory);
  const port = await freePort();
  const httpPort = await freePort();
  const launch = server.prepare(zone, { directory, port, httpPort });
  for (const [path, text] of Object.entries(launch.files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  const output = join(directory, 'output');
  const child = fleet.start({ ...launch, program, directory, output, cpus });
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await answers(server, zone, port))) {
    const ended = child.exitCode !== null || child.signalCode !== null;
    if (child.pid === undefined || ended || Date.now() > deadline) {
      const what = ended ? 'ended before it answered' : 'did not answer in time';
      throw new Error(`${server.name} ${what}:\n${tail(readFileSync(output, 'utf8'))}`);
    }
    await sleep(50);
  }
  if (child.pid === undefined) throw new Error(`${server.name} could not be started`);
  return { server, pid: child.pid, port, httpPort, directory };
}

/** Over UDP only where there is nothing else: a query to a socket that is not yet there is lost. */
async function answers({ transports }: DnsServer, zone: BenchZone, port: number): Promise<boolean> {
  const transport = transports.includes('tcp') ? 'tcp' : 'udp';
  const first = zone.records[0];
  if (first === undefined) throw new Error('the zone is empty');
  const question = { name: ownerName(zone, first), type: 'A', transport, edns: false } as const;
  return await lookUp({ ...question, port }).then(
    found => found.startsWith('NOERROR'),
    () => false,
  );
}
