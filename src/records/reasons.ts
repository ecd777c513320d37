import type { MergedService, ServiceCluster } from '../mesh/model.ts';
import type { Backends } from '../objects/shapes.ts';
import { chooseMembers } from './headless.ts';
import type { ServiceOptions } from './names.ts';
import {
  addressesOf,
  chooseClusters,
  hasWeight,
  isDrawn,
  readyEndpoints,
  type Standing,
  standingOf,
} from './policy.ts';

/** Why nothing of a cluster is given. */
export type LeftOut = 'weight-zero' | 'no-address' | 'not-serving' | 'no-ready-endpoint' | 'affinity';

/** One cluster, as it looked to whoever chose. */
export interface ClusterReason {
  readonly cluster: string;
  /** Absent: none was set on its export. */
  readonly weight?: number;
  readonly serving: boolean;
  readonly readyEndpoints: number;
  /** That stand for it; of a headless service, those that are given. */
  readonly addresses: readonly string[];
  /** Absent: it is not left out. */
  readonly leftOut?: LeftOut;
}

/** Why a service is answered as it is. */
export interface ServiceReasons {
  /**
   * `headless`: the ready endpoints of all clusters. `clusterset-ip`: the clusterset IPs, beneath which the balancing
   * is done. `drawn`: one cluster per query.
   */
  readonly step: 'headless' | 'clusterset-ip' | 'drawn';
  /** What a share is in proportion to, where clusters are drawn. */
  readonly drawnBy?: 'weight' | 'ready-endpoints';
  readonly localCluster: string | undefined;
  /** What stands for a cluster that is drawn, if it is not a derived IP. */
  readonly backends: Backends;
  /** Ordered by id. */
  readonly clusters: readonly ClusterReason[];
}

/** Says what was chosen for a service and why, by asking those who choose. */
export function serviceReasons(service: MergedService, options: ServiceOptions): ServiceReasons {
  const { localCluster } = options;
  const common = { localCluster, backends: service.backends ?? options.backends };
  if (service.type === 'Headless') {
    return { ...common, step: 'headless', clusters: headlessReasons(service, options) };
  }
  if (!isDrawn(service)) {
    return { ...common, step: 'clusterset-ip', clusters: service.clusters.map(each => factsOf(each, [])) };
  }
  const drawnBy = hasWeight(service) ? 'weight' : 'ready-endpoints';
  return { ...common, step: 'drawn', drawnBy, clusters: drawnReasons(service, options) };
}

function headlessReasons(service: MergedService, options: ServiceOptions): ClusterReason[] {
  const { chosen } = chooseMembers(service, options);
  const given = Map.groupBy(chosen, member => member.cluster);
  return service.clusters.map(cluster => {
    const members = given.get(cluster.cluster);
    if (members !== undefined) {
      return factsOf(
        cluster,
        members.map(({ address }) => address),
      );
    }
    const leftOut = readyEndpoints(cluster) === 0 ? 'no-ready-endpoint' : 'not-serving';
    return { ...factsOf(cluster, []), leftOut };
  });
}

function drawnReasons(service: MergedService, options: ServiceOptions): ClusterReason[] {
  const { tier, kept } = chooseClusters(service, options);
  return service.clusters.map(cluster => {
    const facts = factsOf(cluster, addressesOf(service, cluster, options));
    if (kept.includes(cluster)) return facts;
    const standing = standingOf(service, cluster, options);
    return { ...facts, leftOut: standing === tier ? 'affinity' : AGAINST[standing] };
  });
}

/** What keeps a cluster of this standing from being drawn where others are better. */
const AGAINST: Readonly<Record<Standing, LeftOut>> = {
  drained: 'weight-zero',
  unaddressed: 'no-address',
  // Nothing is better than this one.
  serving: 'affinity',
  lost: 'not-serving',
  idle: 'no-ready-endpoint',
  gone: 'not-serving',
};

function factsOf(cluster: ServiceCluster, addresses: readonly string[]): ClusterReason {
  return {
    cluster: cluster.cluster,
    ...(cluster.weight === undefined ? {} : { weight: cluster.weight }),
    serving: cluster.serving,
    readyEndpoints: readyEndpoints(cluster),
    addresses,
  };
}
