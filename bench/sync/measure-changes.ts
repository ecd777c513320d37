import { setTimeout as sleep } from 'node:timers/promises';
import { MCS_SERVICE_NAME, MCS_SOURCE_CLUSTER } from '../../src/objects/names.ts';
import type { Causeway } from './causeway.ts';
import { type ChurnResult, churn } from './churn.ts';
import { changeIn, domainOf, type Export, endpointsOf, sliceMetadata } from './exported.ts';
import type { Measured, Stand } from './measure.ts';
import { Meter } from './process-usage.ts';
import { Stage } from './stages.ts';
import { byThird, type Summary, summarize } from './statistics.ts';
import { type Row, whole } from './table.ts';

const QUIET = { rate: 5, seconds: 60 };
/** The rate is the one at which Cilium Cluster Mesh is tested: docs/benchmarks.md says where that is published. */
const BUSY = { rate: 325, seconds: 30, services: 500, followEvery: 10 };
/** p99 at the quiet rate, milliseconds. */
const TARGET = 500;
/** Of the median lag: how much longer it may be in the last third than in the first before it counts as growing. */
const GROWTH = 1.5;
/** A lag below that is none that anything has built up. */
const SMALL_LAG = 250;

/** How a change of one slice shows: it is the same whichever service it is. */
function changesOf({ east, resolver, exports }: Stand, services: number) {
  const targets = [...exports.entries()].filter(([, { headless }]) => headless).slice(0, services);
  const change = ([index, one]: [number, Export], number: number) =>
    east.admin.merge(
      { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: sliceMetadata(one) },
      { endpoints: endpointsOf(index, number) },
    );
  const shown = async ([, one]: [number, Export]) => changeIn(await resolver.addresses(domainOf(one)));
  return { targets, change, shown };
}

/** Few changes: every one is followed through its stages. */
export async function measureQuiet(stand: Stand): Promise<Measured> {
  const published = await Stage.open(stand.east, `${MCS_SOURCE_CLUSTER}=east,!${MCS_SERVICE_NAME}`);
  const mirrored = await Stage.open(stand.west, `${MCS_SOURCE_CLUSTER}=east`);
  const meter = new Meter(stand.processes);
  const began = performance.now();
  const result = await churn({
    ...changesOf(stand, QUIET.rate * QUIET.seconds),
    ...QUIET,
    followEvery: 1,
    pause: 1,
  });
  const usage = [meter.column(`${QUIET.rate}/s`)];
  await Promise.all([published.close(), mirrored.close()]);
  const lag = summarize(result.followed.map(each => each.lag));
  const until = (stage: Stage) =>
    summarize(
      result.followed.map(({ number, at }) => Math.max(0, (stage.seen.get(number) ?? 0) - began - at)),
    );
  const what = `slice changed in east, ${QUIET.rate}/s, ${result.count} changes`;
  const rows = [
    {
      what: `${what} → answered in west, p50`,
      measured: `${whole(lag.p50)} ms`,
    },
    {
      what: 'the same, p99',
      measured: `${whole(lag.p99)} ms`,
      target: { said: `< ${TARGET} ms`, met: lag.p99 < TARGET },
    },
    { what: 'the same, max', measured: `${whole(lag.max)} ms` },
    { what: 'of it until published in east, p50 / p99', measured: pair(until(published)) },
    { what: 'of it until mirrored in west, p50 / p99', measured: pair(until(mirrored)) },
  ];
  return { rows, usage };
}

export async function measureBusy(stand: Stand): Promise<Measured> {
  const { eastController, westController } = stand;
  const meter = new Meter(stand.processes);
  const watched = { east: new QueueWatch(eastController), west: new QueueWatch(westController) };
  const before = await countsOf(stand);
  const result = await churn({
    ...changesOf(stand, BUSY.services),
    ...{ rate: BUSY.rate, seconds: BUSY.seconds, followEvery: BUSY.followEvery, pause: 5 },
  });
  const usage = [meter.column(`${BUSY.rate}/s`)];
  const [east, west] = await Promise.all([watched.east.stop(), watched.west.stop()]);
  const after = await countsOf(stand);
  const perChange = (side: 'east' | 'west') => ((after[side] - before[side]) / result.count).toFixed(2);
  return {
    usage,
    rows: [
      ...lagRows(result),
      { what: 'the same, all answered after the last change', measured: `${whole(result.drained)} ms` },
      { what: 'the same, longest queue, east / west', measured: `${east} / ${west} services` },
      {
        what: 'the same, writes per change, east / west',
        measured: `${perChange('east')} / ${perChange('west')}`,
      },
    ],
  };
}

/** The first third as it is, and the last, which must not be much worse. */
function lagRows({ followed, length, rate }: ChurnResult): Row[] {
  const samples = followed.map(({ at, lag }) => ({ at, value: lag }));
  const thirds = byThird(samples, length).map(values => summarize(values));
  const [first, , last] = thirds as [Summary, Summary, Summary];
  const bounded = last.p50 < Math.max(first.p50 * GROWTH, SMALL_LAG);
  const what = `slices of ${BUSY.services} services changed in east, ${whole(rate)}/s for ${whole(length / 1000)} s`;
  return thirds.map((third, index) => ({
    what: index === 0 ? `${what} → answered in west, first third, p50 / p99 / max` : THIRDS[index],
    measured: [third.p50, third.p99, third.max]
      .map(value => whole(value))
      .join(' / ')
      .concat(' ms'),
    ...(index === 2 && { target: { said: 'not growing', met: bounded } }),
  })) as Row[];
}

const THIRDS = ['', 'the same, second third', 'the same, last third'];

async function countsOf({ eastController, westController }: Stand): Promise<Record<'east' | 'west', number>> {
  const read = async (one: Causeway) => (await one.metrics())('causeway_controller_writes_total');
  const [east, west] = await Promise.all([read(eastController), read(westController)]);
  return { east, west };
}

function pair({ p50, p99 }: Summary): string {
  return `${whole(p50)} / ${whole(p99)} ms`;
}

/** The longest that a controller's queue was, looked at twice a second. */
class QueueWatch {
  #longest = 0;
  #stopped = false;
  readonly #watching: Promise<void>;

  constructor(controller: Causeway) {
    this.#watching = this.#watch(controller);
  }

  async stop(): Promise<number> {
    this.#stopped = true;
    await this.#watching;
    return this.#longest;
  }

  async #watch(controller: Causeway): Promise<void> {
    while (!this.#stopped) {
      this.#longest = Math.max(this.#longest, (await controller.progress()).queue);
      await sleep(500);
    }
  }
}
