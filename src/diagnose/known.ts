import * as v from 'valibot';
import type { Known } from '../base/known.ts';
import { zoneIn } from '../health/dns.ts';
import type { ClusterFacts, Objects, RemoteFacts } from './facts.ts';

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
