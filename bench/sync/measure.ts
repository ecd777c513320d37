import { setTimeout as sleep } from 'node:timers/promises';
import type { Bed } from '../../test/e2e/bed/bed.ts';
import type { Cluster } from '../../test/e2e/bed/cluster.ts';
import { freePort } from '../../test/e2e/kit/ports.ts';
import { waitFor } from '../../test/e2e/kit/wait.ts';
import { Causeway } from './causeway.ts';
import { connect, countOf, processesOf } from './cluster-set.ts';
import { domainOf, type Export, exportsOf, manifestsOf, NAMESPACES } from './exported.ts';
import { inParallel } from './in-parallel.ts';
import { measureBusy, measureQuiet } from './measure-changes.ts';
import { podOf } from './pod.ts';
import { Meter, type Processes, residentOf } from './process-usage.ts';
import { Resolver } from './resolver.ts';
import { type Row, type UsageColumn, whole } from './table.ts';

/** Requests of the benchmark itself that an API server has at once. */
const AT_ONCE = 16;
const LIMIT = 600_000;

export interface Measured {
  readonly rows: readonly Row[];
  readonly usage: readonly UsageColumn[];
}

/** Two clusters, with a controller in each and a DNS daemon in west. */
export interface Stand {
  readonly east: Cluster;
  readonly west: Cluster;
  readonly eastController: Causeway;
  readonly westController: Causeway;
  readonly daemon: Causeway;
  readonly resolver: Resolver;
  readonly exports: readonly Export[];
  readonly processes: Processes;
}

export async function measureSync(
  bed: Bed,
  services: number,
  profiles: string | undefined,
  progress: (line: string) => void,
): Promise<Measured> {
  const east = bed.cluster('east');
  const west = bed.cluster('west');
  const exports = exportsOf(services);
  progress(`writing ${services} services, their slices and exports to east`);
  await Promise.all([prepare(east, west), prepare(west, east)]);
  await writeAll(east, exports);
  progress('starting the controller of east');
  const eastController = await Causeway.controller({ pod: await podOf(east), profiles });
  const exported = await measureExport(east, eastController, services);
  const port = await freePort();
  const westPod = await podOf(west);
  const daemon = await Causeway.daemon(port, { pod: westPod, profiles });
  await daemon.untilReady();
  const resolver = await Resolver.open(port);
  progress('starting the controller of west');
  const westController = await Causeway.controller({ pod: westPod, profiles });
  const processes = new Map([
    ['east controller', eastController.pid],
    ['west controller', westController.pid],
    ['west DNS daemon', daemon.pid],
    ...processesOf(east),
    ...processesOf(west),
    ['benchmark', process.pid],
  ]);
  const stand = { east, west, eastController, westController, daemon, resolver, exports, processes };
  try {
    const imported = await measureImport(stand);
    progress('5 changes per second');
    const quiet = await measureQuiet(stand);
    progress('325 changes per second');
    const busy = await measureBusy(stand);
    const parts = [exported, imported, quiet, busy];
    return { rows: parts.flatMap(({ rows }) => rows), usage: parts.flatMap(({ usage }) => usage) };
  } finally {
    resolver.close();
    await Promise.all([eastController, westController, daemon].map(one => one.stop()));
  }
}

async function prepare(cluster: Cluster, other: Cluster): Promise<void> {
  for (let index = 0; index < NAMESPACES; index++) await cluster.ensureNamespace(`team-${index}`);
  await connect(cluster, other.name, other.kubeconfigText());
}

async function writeAll(east: Cluster, exports: readonly Export[]): Promise<void> {
  await inParallel(exports.entries(), AT_ONCE, async ([index, one]) => {
    for (const manifest of manifestsOf(one, index)) await east.admin.create(manifest);
  });
}

async function measureExport(east: Cluster, controller: Causeway, services: number): Promise<Measured> {
  const meter = new Meter(new Map([['east controller', controller.pid], ...processesOf(east)]));
  await untilCounted(east, '/apis/causeway.dev/v1alpha1/exportedservices', services);
  await untilIdle(controller);
  const seconds = meter.seconds;
  const written = await writesOf(controller);
  const rows = [
    {
      what: `east: process start → ${whole(services)} services exported`,
      measured: `${seconds.toFixed(1)} s, ${whole(written)} writes`,
    },
  ];
  return { rows, usage: [meter.column('export')] };
}

/** West knows nothing yet: from the start of its controller until everything is written and answered. */
async function measureImport(stand: Stand): Promise<Measured> {
  const { west, westController, daemon, resolver, exports, processes } = stand;
  const meter = new Meter(processes);
  const counted = untilCounted(west, '/apis/multicluster.x-k8s.io/v1beta1/serviceimports', exports.length);
  const times = Promise.all([
    counted.then(() => meter.seconds),
    untilAllAnswered(resolver, exports).then(() => meter.seconds),
  ]);
  const [importedAt, answeredAt] = await times;
  await untilIdle(westController);
  const written = await writesOf(westController);
  const what = `west: process start → ${whole(exports.length)} services`;
  const memory = (pid: number) => `${whole(residentOf(pid).now)} MiB`;
  const rows = [
    { what: `${what} imported (ServiceImports written)`, measured: `${importedAt.toFixed(1)} s` },
    { what: `${what} answered by its DNS daemon`, measured: `${answeredAt.toFixed(1)} s` },
    { what: 'the same, until nothing is left to write', measured: `${meter.seconds.toFixed(1)} s` },
    {
      what: 'the same, writes',
      measured: `${whole(written)} (${(written / exports.length).toFixed(1)} per service)`,
    },
    { what: 'RSS of the controller of west after it', measured: memory(westController.pid) },
    { what: 'RSS of the DNS daemon after it', measured: memory(daemon.pid) },
  ];
  return { rows, usage: [meter.column('import')] };
}

/** Asks for every name until it has an address. */
async function untilAllAnswered(resolver: Resolver, exports: readonly Export[]): Promise<void> {
  const deadline = performance.now() + LIMIT;
  for (const one of exports) {
    while ((await resolver.addresses(domainOf(one))).length === 0) {
      if (performance.now() > deadline) throw new Error(`${domainOf(one)} is not answered`);
      await sleep(20);
    }
  }
}

async function untilCounted(cluster: Cluster, path: string, count: number): Promise<void> {
  const what = `${cluster.name} has ${count} at ${path}`;
  await waitFor(
    what,
    () => countOf(cluster, path),
    found => found === count,
    LIMIT,
  );
}

export async function untilIdle(controller: Causeway): Promise<void> {
  await waitFor(
    'the queue is empty',
    () => controller.progress(),
    ({ queue }) => queue === 0,
    LIMIT,
  );
}

/** Objects and statuses that a controller has written or deleted since its start. */
export async function writesOf(controller: Causeway): Promise<number> {
  return (await controller.metrics())('causeway_controller_writes_total');
}
