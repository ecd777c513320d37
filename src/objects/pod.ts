import * as v from 'valibot';
import { parseAddress } from '../base/ip.ts';
import { API_VERSIONS } from './api-versions.ts';
import { check, listOf, mapping, namespace, stringMap, subdomain, text } from './fields.ts';
import type { KindReader } from './kind.ts';

/** core/v1 Pod, as much as tells whether it works. */
export interface PodObject {
  readonly kind: 'Pod';
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Absent: no node has been found for it. */
  readonly node?: string;
  /** Canonical; the first of `status.podIPs`. */
  readonly ip?: string;
  readonly ready: boolean;
  /** RFC 3339: since when `ready` is what it is. Absent as long as no kubelet has spoken. */
  readonly since?: string;
  /** Of its first container, as its spec has it. */
  readonly image: string;
  /** Of all containers together. */
  readonly restarts: number;
  /** Why it does not run: what a container waits for, or why no node was found. */
  readonly waiting?: string;
  /** Whether it is being deleted. */
  readonly terminating: boolean;
}

const state = v.nullish(
  mapping({ waiting: v.nullish(mapping({ reason: v.nullish(text), message: v.nullish(text) })) }),
);
const condition = mapping({
  type: text,
  status: text,
  message: v.nullish(text),
  lastTransitionTime: v.nullish(text),
});
const schema = mapping({
  metadata: mapping({
    name: subdomain,
    namespace,
    labels: stringMap,
    deletionTimestamp: v.nullish(text),
  }),
  spec: mapping({ nodeName: v.nullish(text), containers: listOf(mapping({ image: v.nullish(text, '') })) }),
  status: v.nullish(
    mapping({
      podIP: v.nullish(text),
      conditions: listOf(condition),
      containerStatuses: listOf(mapping({ restartCount: v.nullish(v.number(), 0), state })),
    }),
  ),
});

type Raw = v.InferOutput<typeof schema>;

export const podReader: KindReader<PodObject> = {
  kind: 'Pod',
  apiVersions: [API_VERSIONS.Pod],
  read(raw, problems) {
    const found = check(schema, raw, problems);
    if (found === undefined) return undefined;
    const { metadata, spec, status } = found;
    const ready = conditionOf(found, 'Ready');
    const ip = parseAddress(status?.podIP ?? '');
    const waiting = waitingOf(found);
    return {
      kind: 'Pod',
      namespace: metadata.namespace,
      name: metadata.name,
      labels: { ...metadata.labels },
      ...(spec.nodeName ? { node: spec.nodeName } : {}),
      ...(ip === undefined ? {} : { ip }),
      ready: ready?.status === 'True',
      ...(ready?.lastTransitionTime ? { since: ready.lastTransitionTime } : {}),
      image: spec.containers?.[0]?.image ?? '',
      restarts: (status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0),
      ...(waiting === undefined ? {} : { waiting }),
      terminating: typeof metadata.deletionTimestamp === 'string',
    };
  },
};

function conditionOf({ status }: Raw, type: string): v.InferOutput<typeof condition> | undefined {
  return status?.conditions?.find(held => held.type === type);
}

function waitingOf(found: Raw): string | undefined {
  const waits = found.status?.containerStatuses?.flatMap(({ state }) => state?.waiting ?? []) ?? [];
  const scheduled = conditionOf(found, 'PodScheduled');
  const reasons = [
    ...waits.map(({ reason, message }) => [reason, message].filter(Boolean).join(': ')),
    ...(scheduled?.status === 'False' ? [scheduled.message ?? ''] : []),
  ];
  return reasons.find(reason => reason !== '');
}
