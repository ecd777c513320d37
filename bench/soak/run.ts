import { parseArgs } from 'node:util';
import { positive, runCommand } from '../command.ts';
import { headlessMesh } from '../dns/mesh.ts';
import { type RunningServer, startServer } from '../dns/running.ts';
import { causeway, launchCauseway } from '../dns/servers/causeway.ts';
import type { DnsServer } from '../dns/servers/server.ts';
import { onStage, type Stage } from '../dns/stage.ts';
import { cpuMicroseconds } from '../dns/usage.ts';
import { Changer } from '../load/changer.ts';
import { daemonDrops, socketDrops } from '../load/drops.ts';
import { putPacedLoad } from '../load/paced.ts';
import { describeMachine, writeReport } from '../report.ts';
import { residentOf } from '../sync/process-usage.ts';
import { type Line, microseconds, type Outcome, plain, printVerdict, verdict } from './verdict.ts';
import { Verifier } from './verifier.ts';

interface SoakOptions {
  readonly minutes: number;
  readonly rate: number;
  readonly write: boolean;
}

const USAGE = `Usage: npm run bench:soak -- [options]
  --minutes N      how long (default: 10)
  --thousands N    thousand queries per second (default: 100)
  --write          put the table into docs/benchmarks.md`;

const CHANGES = 1_000;
const VERIFIED = 200;
const SOCKETS = 4;
/** Milliseconds between looks at memory. */
const LOOK = 3_000;

function readOptions(args: readonly string[]): SoakOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '10' },
      thousands: { type: 'string', default: '100' },
      write: { type: 'boolean', default: false },
    },
  });
  return {
    minutes: positive('--minutes', values.minutes),
    rate: 1_000 * positive('--thousands', values.thousands),
    write: values.write,
  };
}

const SUBJECT: DnsServer = {
  ...causeway,
  prepare: (zone, place) => launchCauseway(headlessMesh(zone), place, { '--udp-transport': 'batched' }),
};

/** Everything that runs while the load is on. */
async function soak(stage: Stage, { minutes, rate }: SoakOptions): Promise<Line[]> {
  const running = await startServer(stage, SUBJECT, process.execPath);
  const { pid, port } = running;
  const now = () => performance.now();
  const changer = new Changer(running.directory, stage.zone, now);
  const verifier = new Verifier(port, stage.zone, changer.history, now);
  const verifierPort = await verifier.start(VERIFIED);
  changer.start(CHANGES);
  const resident: number[] = [];
  const looks = setInterval(() => resident.push(residentOf(pid).now), LOOK);
  const cpuBefore = cpuMicroseconds(pid);
  const load = await putPacedLoad(stage, {
    port,
    rate,
    seconds: minutes * 60,
    settling: 0,
    sockets: SOCKETS,
  });
  const cpu = (cpuMicroseconds(pid) - cpuBefore) / 1e6;
  clearInterval(looks);
  const { changes } = changer;
  changer.stop();
  await verifier.finish();
  const dropped = await readDrops(running, load.overflowed, verifierPort);
  verifier.close();
  for (const example of verifier.examples) console.error(`wrong: ${example}`);
  const verified = verifier.asked - verifier.lost;
  const outcome: Outcome = {
    ...{ minutes, rate, changes, resident, dropped, verified },
    sent: load.sent + verifier.asked,
    answered: load.answered + verified,
    wrong: { ...verifier.wrong, 'another code than NOERROR': load.refused },
  };
  return [
    ...verdict(outcome),
    plain('latency, p50 / p99 / p99.9 / most', microseconds(load.latency)),
    plain("of it the client's own", microseconds(load.lateness)),
    plain('answered what had been replaced for, as above', microseconds(verifier.lags.summary())),
    plain("the daemon's CPU", `${((100 * cpu) / load.seconds).toFixed(0)} % busy`),
  ];
}

/** What was dropped, by who counted it. */
async function readDrops(
  { port, httpPort }: RunningServer,
  overflowed: number,
  verifierPort: number,
): Promise<Record<string, number>> {
  const byDaemon = Object.entries(await daemonDrops(httpPort));
  return {
    "no room in the server's socket": socketDrops(port),
    ...Object.fromEntries(byDaemon.map(([reason, count]) => [`by the daemon: ${reason}`, count])),
    "no room in the clients' sockets": overflowed + socketDrops(verifierPort),
  };
}

async function runSoak(options: SoakOptions): Promise<number> {
  const lines = await onStage('bench:soak', [], stage => soak(stage, options));
  const extent = `${options.minutes} minutes`;
  const text = `${describeMachine(new Date())}; ${extent}.\n\n${printVerdict(lines)}`;
  console.log(text);
  if (options.write) writeReport('bench:soak', text);
  return lines.some(({ met }) => met === false) ? 1 : 0;
}

await runCommand({ name: 'bench:soak', usage: USAGE, readOptions, run: runSoak });
