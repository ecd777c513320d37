import type { Cluster } from '../../test/e2e/bed/cluster.ts';
import type { Causeway } from '../sync/causeway.ts';
import { processesOf } from '../sync/cluster-set.ts';
import type { Pod } from '../sync/pod.ts';
import { Meter } from '../sync/process-usage.ts';
import { whole } from '../sync/table.ts';
import type { Fleet } from './fleet.ts';
import type { Simulation } from './simulation.ts';

/** Milliseconds until memory is read: the collector gives back what loading took. */
export const REST = 10_000;

/** A real cluster, and the simulated ones. */
export interface Stand {
  readonly fleet: Fleet;
  readonly local: Cluster;
  readonly simulation: Simulation;
  /** Of the real one. */
  readonly pod: Pod;
  readonly profiles: string | undefined;
}

export function meterOf({ local, simulation }: Stand, own: readonly [string, number][]): Meter {
  return new Meter(new Map([...own, ...processesOf(local), ['simulated servers', simulation.pid]]));
}

/** Milliseconds, since the metrics were read last. */
export async function stallOf(controller: Causeway): Promise<string> {
  return stallIn(await controller.metrics());
}

export function stallIn(metrics: Awaited<ReturnType<Causeway['metrics']>>): string {
  return whole(metrics('nodejs_eventloop_lag_max_seconds') * 1000);
}
