import { setTimeout as sleep } from 'node:timers/promises';
import type { Causeway } from '../sync/causeway.ts';
import { churn } from '../sync/churn.ts';
import { changeIn, domainOf } from '../sync/exported.ts';
import type { Measured } from '../sync/measure.ts';
import type { Resolver } from '../sync/resolver.ts';
import { summarize } from '../sync/statistics.ts';
import { whole } from '../sync/table.ts';
import { exportersOf, type Fleet, type FleetExport, isHeadless, serviceName } from './fleet.ts';
import { meterOf, REST, type Stand, stallOf } from './stand.ts';

const CHANGES = { rate: 10, seconds: 20 };

/** First nothing but the standing cost of so many clusters, then the same with changes. */
export async function measureChanges(
  stand: Stand,
  controller: Causeway,
  daemon: Causeway,
  resolver: Resolver,
): Promise<Measured> {
  const { fleet, simulation } = stand;
  const pids: [string, number][] = [
    ['controller', controller.pid],
    ['DNS daemon', daemon.pid],
  ];
  await stallOf(controller);
  const idle = meterOf(stand, pids);
  await sleep(2 * REST);
  const idleShare = {
    seconds: idle.seconds,
    controller: idle.cpu('controller'),
    daemon: idle.cpu('DNS daemon'),
  };
  const usage = [idle.column('idle')];
  const busy = meterOf(stand, pids);
  const targets = headlessExports(fleet).slice(0, CHANGES.rate * CHANGES.seconds);
  const { followed, count } = await churn({
    ...CHANGES,
    ...{ targets, followEvery: 1, pause: 1 },
    change: (of: FleetExport, number: number) => simulation.change(of, number),
    shown: async ({ service }: FleetExport) =>
      changeIn(await resolver.addresses(domainOf(serviceName(service)))),
  });
  const cost = (name: 'controller' | 'DNS daemon', idleCpu: number) => {
    const spent = busy.cpu(name) - (idleCpu * busy.seconds) / idleShare.seconds;
    return Math.max(0, (spent * 1000) / count).toFixed(1);
  };
  const costs = `${cost('controller', idleShare.controller)} / ${cost('DNS daemon', idleShare.daemon)} ms`;
  usage.push(busy.column(`${CHANGES.rate} changes/s`));
  const lag = summarize(followed.map(each => each.lag));
  const times = [lag.p50, lag.p99, lag.max].map(value => whole(value)).join(' / ');
  const share = (100 * idleShare.controller) / idleShare.seconds;
  return {
    usage,
    rows: [
      { what: 'controller when nothing changes', measured: `${share.toFixed(1)} % of a CPU` },
      { what: `one slice changed → answered, p50 / p99 / max of ${count}`, measured: `${times} ms` },
      { what: 'processor time of a change and its answers, controller / daemon', measured: costs },
      {
        what: 'longest stall of the event loop meanwhile, controller',
        measured: `${await stallOf(controller)} ms`,
      },
    ],
  };
}

function headlessExports(fleet: Fleet): FleetExport[] {
  return Array.from({ length: fleet.services }, (_, service) => service)
    .filter(isHeadless)
    .flatMap(service => exportersOf(fleet, service).slice(0, 1));
}
