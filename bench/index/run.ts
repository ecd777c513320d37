import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { undoAtEnd } from '../../test/e2e/kit/leftovers.ts';
import { median } from '../dns/table.ts';
import { cpuMicroseconds } from '../dns/usage.ts';
import { describeMachine, writeReport } from '../report.ts';
import { Daemon } from './daemon.ts';
import { type Generated, generateMesh, SERVICES, SERVICES_PER_FILE } from './generate.ts';

const SAMPLES = fileURLToPath(new URL('../../deploy/samples/mesh', import.meta.url));
const STARTS = 10;
const CHANGES = 20;
/** Milliseconds to come to rest after a load and between changes. */
const REST = 500;

/** One line of the table. */
interface Row {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly digits: number;
  /** The most it may be. */
  readonly target?: number;
}

async function measureStarts(): Promise<Row[]> {
  const times: number[] = [];
  for (let round = 0; round < STARTS; round++) {
    const daemon = await Daemon.start(SAMPLES);
    times.push(await daemon.firstAnswer('payments.shop.svc.clusterset.local'));
    await daemon.stop();
  }
  const what = `sample mesh: process start → first answer (median of ${STARTS})`;
  return [{ what, value: median(times), unit: 'ms', digits: 0, target: 400 }];
}

async function measureLoad(root: string): Promise<Row[]> {
  const services = await generateMesh(root);
  const daemon = await Daemon.start(root);
  try {
    const seconds = (await daemon.ready()) / 1000;
    const cpu = cpuMicroseconds(daemon.pid) / 1e6;
    await sleep(REST);
    const { now, peak } = daemon.resident;
    const mesh = `${SERVICES.toLocaleString('en-US')} services × 3 endpoints`;
    return [
      { what: `${mesh}: process start → ready`, value: seconds, unit: 's', digits: 1, target: 10 },
      { what: 'the same, CPU time', value: cpu, unit: 's', digits: 1 },
      { what: 'RSS when ready', value: now, unit: 'MB', digits: 0, target: 700 },
      { what: 'RSS at most', value: peak, unit: 'MB', digits: 0 },
      ...(await measureChanges(daemon, services)),
    ];
  } finally {
    await daemon.stop();
  }
}

/** Gives one endpoint another address, each time in another file. */
async function measureChanges(daemon: Daemon, services: readonly Generated[]): Promise<Row[]> {
  const times: number[] = [];
  for (let round = 0; round < CHANGES; round++) {
    const service = services[(round * 7) % services.length];
    if (service === undefined) throw new Error('no service was generated');
    const address = `198.51.100.${round + 1}`;
    const list = JSON.parse(readFileSync(service.file, 'utf8'));
    list.items.find(({ kind }: { kind: string }) => kind === 'EndpointSlice').endpoints[0].addresses = [
      address,
    ];
    const text = JSON.stringify(list);
    await sleep(REST);
    const began = performance.now();
    writeFileSync(service.file, text);
    await daemon.answered(nameOf(service), address);
    times.push(performance.now() - began);
  }
  const what = `one endpoint changed in a file of ${SERVICES_PER_FILE} services → changed answer`;
  return [
    { what: `${what} (median of ${CHANGES})`, value: median(times), unit: 'ms', digits: 0, target: 50 },
    { what: 'the slowest of them', value: Math.max(...times), unit: 'ms', digits: 0, target: 50 },
  ];
}

function nameOf({ name, namespace }: Generated): string {
  return `${name}.${namespace}.svc.clusterset.local`;
}

function printTable(rows: readonly Row[]): string {
  const cells = rows.map(({ what, value, unit, digits, target }) => {
    const limit = target === undefined ? '' : `< ${target} ${unit}`;
    const verdict = target === undefined ? '' : value < target ? 'met' : 'missed';
    return [what, `${value.toFixed(digits)} ${unit}`, limit, verdict];
  });
  const head = [
    ['', 'measured', 'target', ''],
    [':--', '--:', '--:', ':--'],
  ];
  return [...head, ...cells].map(row => `| ${row.join(' | ')} |`).join('\n');
}

async function runBench(write: boolean): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'causeway-bench-index-'));
  const remove = () => rmSync(root, { recursive: true, force: true });
  const undone = undoAtEnd(remove);
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  try {
    const rows = [...(await measureStarts()), ...(await measureLoad(root))];
    const text = `${describeMachine(new Date())}.\n\n${printTable(rows)}`;
    console.log(text);
    if (write) writeReport('bench:index', text);
  } finally {
    remove();
    undone();
  }
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  if (args.some(arg => arg !== '--write')) {
    console.error(
      'Usage: npm run bench:index [-- --write]\n  --write  put the table into docs/benchmarks.md',
    );
    return 2;
  }
  try {
    await runBench(args.length > 0);
    return 0;
  } catch (error) {
    console.error(`bench:index: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

process.exitCode = await main();
