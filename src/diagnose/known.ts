import * as v from 'valibot';
import type { Known } from '../base/known.ts';
import { zoneIn } from '../health/dns.ts';
import { conditionsOf } from '../objects/conditions.ts';
import type { ClusterFacts, Facts, Objects, ReachFacts, RemoteFacts, Tried } from './facts.ts';

export function mapped<Value, Other>(known: Known<Value>, change: (value: Value) => Other): Known<Other> {
  return 'unknown' in known ? known : { value: change(known.value) };
}

/** Objects cut down to what a check looks at. One that is not of that shape is nothing the check could judge. */
export function read<Schema extends v.GenericSchema>(
  schema: Schema,
  objects: Objects,
): Known<v.InferOutput<Schema>[]> {
  return mapped(objects, list =>
    list.flatMap(raw => {
      const { success, output } = v.safeParse(schema, raw);
      return success ? [output] : [];
    }),
  );
}

/** The object of that name; value undefined: there is none. */
export function named(objects: Objects, name: string): Known<object | undefined> {
  return mapped(objects, list => list.find(raw => Object(Object(raw).metadata).name === name));
}

/** An API server that is connected to from this machine. */
export interface Endpoint {
  /** `east`, or `east → west`: west, with what the RemoteCluster west in east says. */
  readonly about: string;
  readonly reach: Known<ReachFacts>;
  readonly api: Tried<string>;
  /** Whose credential: the operator's own, or that of a RemoteCluster. */
  readonly whose: 'operator' | 'remote';
  /** Whether the controller in the cluster says that it gets there, whatever this machine sees. */
  readonly heard: boolean;
}

/** Every API server that is connected to: those of the contexts, and those that their RemoteClusters name. */
export function endpointsOf({ clusters }: Facts): Endpoint[] {
  return clusters.flatMap(({ context, reach, api, remotes }) => [
    { about: context, reach: { value: reach }, api, whose: 'operator' as const, heard: false },
    ...('unknown' in remotes ? [] : remotes.value).map(remote => ({
      about: viewOf(context, remote),
      whose: 'remote' as const,
      heard: isHeard(remote),
      ...('value' in remote.access
        ? { reach: { value: remote.access.value.reach }, api: remote.access.value.api }
        : { reach: NO_ACCESS, api: NO_ACCESS }),
    })),
  ]);
}

function isHeard({ object }: RemoteFacts): boolean {
  return conditionsOf(object).some(
    ({ type, status }) => type === 'ControlPlaneReachable' && status === 'True',
  );
}

/** Of everything that needs the credential of a RemoteCluster. */
export const NO_ACCESS = { unknown: 'there is no kubeconfig to try it with: see credential.kubeconfig' };

export function viewOf(context: string, { name }: Pick<RemoteFacts, 'name'>): string {
  return `${context} → ${name}`;
}

/** The zone that the DNS daemons of a cluster answer for. */
export function zoneOf({ replicas }: Pick<ClusterFacts, 'replicas'>): string {
  const pages = ('unknown' in replicas ? [] : replicas.value).flatMap(replica =>
    replica.component === 'dns' ? [replica.page] : [],
  );
  return zoneIn(pages);
}
