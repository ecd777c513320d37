import { setTimeout as sleep } from 'node:timers/promises';
import type { Bed } from '../../test/e2e/bed/bed.ts';
import type { Cluster } from '../../test/e2e/bed/cluster.ts';
import { freePort } from '../../test/e2e/kit/ports.ts';
import { waitFor } from '../../test/e2e/kit/wait.ts';
import { Causeway } from '../sync/causeway.ts';
import { connect, countOf } from '../sync/cluster-set.ts';
import { NAMESPACES } from '../sync/exported.ts';
import { inParallel } from '../sync/in-parallel.ts';
import type { Measured } from '../sync/measure.ts';
import { podOf } from '../sync/pod.ts';
import { residentOf } from '../sync/process-usage.ts';
import { Resolver } from '../sync/resolver.ts';
import { type Row, whole } from '../sync/table.ts';
import { clusterName, type Fleet } from './fleet.ts';
import { measureChanges } from './measure-changes.ts';
import { Simulation } from './simulation.ts';
import { meterOf, REST, type Stand, stallIn, stallOf } from './stand.ts';

const AT_ONCE = 16;
const LIMIT = 900_000;

export async function measureScale(
  bed: Bed,
  fleet: Fleet,
  profiles: string | undefined,
  progress: (line: string) => void,
): Promise<Measured> {
  const local = bed.cluster('east');
  const simulation = await Simulation.start(fleet);
  try {
    const stand = { fleet, local, simulation, pod: await podOf(local), profiles };
    const empty = await measureEmpty(stand);
    progress(`writing ${fleet.clusters} RemoteClusters`);
    await inParallel(Array(fleet.clusters).keys(), AT_ONCE, cluster =>
      connect(local, clusterName(cluster), simulation.kubeconfig(cluster)),
    );
    progress('importing for the first time');
    const first = await measureFirst(stand, empty);
    progress('starting again');
    const again = await measureAgain(stand, empty, progress);
    return { rows: [...first.rows, ...again.rows], usage: [...first.usage, ...again.usage] };
  } finally {
    await simulation.stop();
  }
}

/** What the processes are without any import: MiB. */
async function measureEmpty(stand: Stand): Promise<{ controller: number; daemon: number }> {
  const { local } = stand;
  for (let index = 0; index < NAMESPACES; index++) await local.ensureNamespace(`team-${index}`);
  const controller = await Causeway.controller(stand);
  const daemon = await Causeway.daemon(await freePort(), stand);
  await Promise.all([controller.untilReady(), daemon.untilReady()]);
  await Promise.all([controller.metrics(), daemon.metrics()]);
  await sleep(REST / 4);
  const empty = { controller: residentOf(controller.pid).now, daemon: residentOf(daemon.pid).now };
  await Promise.all([controller.stop(), daemon.stop()]);
  return empty;
}

/** Nothing is known, and everything has to be written. */
async function measureFirst(stand: Stand, empty: { controller: number }): Promise<Measured> {
  const { local, fleet } = stand;
  const controller = await Causeway.controller(stand);
  const meter = meterOf(stand, [['controller', controller.pid]]);
  await untilCounting(controller);
  await untilSynced(controller, fleet);
  const syncedAt = meter.seconds;
  const reading = await stallOf(controller);
  await untilWritten(controller, local, fleet);
  const writtenAt = meter.seconds;
  const usage = [meter.column('first import')];
  const metrics = await controller.metrics();
  const writes = metrics('causeway_controller_writes_total');
  const writing = stallIn(metrics);
  await sleep(REST);
  const { now, peak } = residentOf(controller.pid);
  await controller.stop();
  const size = `${whole(fleet.clusters)} clusters, ${whole(fleet.services)} services, ${whole(endpointsOf(fleet))} endpoints`;
  return {
    usage,
    rows: [
      { what: `${size}: process start → all read`, measured: `${syncedAt.toFixed(1)} s` },
      { what: '→ all written to the local API server', measured: `${writtenAt.toFixed(1)} s` },
      { what: 'the same, writes', measured: `${whole(writes)} (${whole(writes / writtenAt)} a second)` },
      { what: 'longest stall of its event loop, reading / writing', measured: `${reading} / ${writing} ms` },
      memoryRow('RSS of the controller afterwards', now, empty.controller, fleet),
      { what: 'RSS of the controller at most', measured: `${whole(peak)} MiB` },
    ],
  };
}

/** Everything is written already; a controller and a daemon come up. */
async function measureAgain(
  stand: Stand,
  empty: { controller: number; daemon: number },
  progress: (line: string) => void,
): Promise<Measured> {
  const { fleet } = stand;
  const controller = await Causeway.controller(stand);
  const starting = meterOf(stand, [['controller', controller.pid]]);
  await untilSynced(controller, fleet);
  await untilIdle(controller);
  const readAgain = starting.seconds;
  const usage = [starting.column('restart')];
  const writes = (await controller.metrics())('causeway_controller_writes_total');
  const port = await freePort();
  const daemon = await Causeway.daemon(port, stand);
  const daemonMeter = meterOf(stand, [['DNS daemon', daemon.pid]]);
  await daemon.untilReady();
  const answering = daemonMeter.seconds;
  await sleep(REST);
  const memory = { controller: residentOf(controller.pid), daemon: residentOf(daemon.pid) };
  progress('changing endpoints');
  const resolver = await Resolver.open(port);
  try {
    const changes = await measureChanges(stand, controller, daemon, resolver);
    return {
      usage: [...usage, ...changes.usage],
      rows: [
        {
          what: 'restart: process start → all read and compared',
          measured: `${readAgain.toFixed(1)} s, ${whole(writes)} writes`,
        },
        memoryRow('RSS of the controller after a restart', memory.controller.now, empty.controller, fleet),
        { what: 'at most', measured: `${whole(memory.controller.peak)} MiB` },
        { what: 'DNS daemon: process start → ready', measured: `${answering.toFixed(1)} s` },
        memoryRow('RSS of the DNS daemon', memory.daemon.now, empty.daemon, fleet),
        { what: 'at most', measured: `${whole(memory.daemon.peak)} MiB` },
        ...changes.rows,
      ],
    };
  } finally {
    resolver.close();
    await Promise.all([controller.stop(), daemon.stop()]);
  }
}

function endpointsOf({ services, endpoints }: Fleet): number {
  return services * endpoints;
}

function memoryRow(what: string, now: number, empty: number, fleet: Fleet): Row {
  const perEndpoint = ((now - empty) * 1024) / endpointsOf(fleet);
  return {
    what: `${what}, and what of it is more than an empty one's (${whole(empty)} MiB), by endpoint`,
    measured: `${whole(now)} MiB, ${perEndpoint.toFixed(2)} KiB`,
  };
}

/** Stalls are counted from the first reading of the metrics on. */
async function untilCounting(controller: Causeway): Promise<void> {
  await waitFor('the controller shows its metrics', async () => {
    await controller.metrics();
    return true;
  });
}

async function untilSynced(controller: Causeway, { clusters }: Fleet): Promise<void> {
  const synced = async (): Promise<number> => {
    const { remotes } = await controller.progress();
    const isSynced = ({ conditions }: (typeof remotes)[number]) =>
      conditions.some(({ type, status }) => type === 'Synced' && status === 'True');
    return remotes.filter(isSynced).length;
  };
  await waitFor(`${clusters} clusters are read`, synced, count => count === clusters, LIMIT);
}

async function untilWritten(controller: Causeway, local: Cluster, { services }: Fleet): Promise<void> {
  const path = '/apis/multicluster.x-k8s.io/v1beta1/serviceimports';
  await waitFor(
    'all services are imported',
    () => countOf(local, path),
    count => count === services,
    LIMIT,
  );
  await untilIdle(controller);
}

async function untilIdle(controller: Causeway): Promise<void> {
  await waitFor(
    'the queue is empty',
    () => controller.progress(),
    ({ queue }) => queue === 0,
    LIMIT,
  );
}
