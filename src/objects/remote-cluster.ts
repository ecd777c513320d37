import * as v from 'valibot';
import { isClusterId } from '../base/name.ts';
import { readAnnotation, trueOrFalse } from './annotations.ts';
import { API_VERSIONS } from './api-versions.ts';
import { conditionsOf } from './conditions.ts';
import { boundedListOf, check, isMapping, label, mapping, must, stringMap, subdomain } from './fields.ts';
import type { KindReader } from './kind.ts';
import { readLabels } from './labels.ts';
import { ALLOW_MASS_REMOVAL } from './names.ts';
import { type Problem, Problems } from './problem.ts';
import type { RemoteClusterObject, RemoteClusterStatus } from './shapes.ts';
import { ENCRYPTIONS, ROUTING_MODES } from './shapes.ts';
import { weightField } from './traffic.ts';

const KEY = must('the key of an entry of a Secret');
const key = v.pipe(v.string(KEY), v.maxLength(253, KEY), v.regex(/^[-._A-Za-z0-9]+$/, KEY));
const MODES = ['Enabled', 'Disabled'] as const;
const MOST_NAMESPACES = 256;

const massRemoval = trueOrFalse([ALLOW_MASS_REMOVAL], 'routes to its nodes stay when many go at once');

const schema = mapping({
  metadata: mapping({
    name: subdomain,
    uid: v.nullish(v.string(must('a string')), ''),
    generation: v.nullish(v.number(must('a number')), 0),
    labels: stringMap,
    annotations: stringMap,
  }),
  spec: mapping({
    secretRef: mapping({ name: subdomain, key: v.nullish(key, 'kubeconfig') }),
    overlayRoutingMode: v.nullish(v.picklist(MODES, must('Enabled or Disabled')), 'Enabled'),
    encryption: v.nullish(v.picklist(ENCRYPTIONS, must('Required, Preferred or Off')), 'Off'),
    routingModes: boundedListOf(
      v.picklist(ROUTING_MODES, must(`one of ${ROUTING_MODES.join(', ')}`)),
      ROUTING_MODES.length,
    ),
    weight: v.nullish(weightField),
    namespaces: boundedListOf(label, MOST_NAMESPACES),
  }),
});

export const remoteClusterReader: KindReader<RemoteClusterObject> = {
  kind: 'RemoteCluster',
  apiVersions: [API_VERSIONS.RemoteCluster],
  read(raw, problems): RemoteClusterObject | undefined {
    const found = check(schema, raw, problems);
    if (found === undefined) return undefined;
    const { metadata, spec } = found;
    const { secretRef, overlayRoutingMode, encryption, routingModes, weight, namespaces } = spec;
    return {
      kind: 'RemoteCluster',
      name: metadata.name,
      uid: metadata.uid,
      generation: metadata.generation,
      labels: readLabels(metadata.labels, 'metadata.labels', problems),
      secretName: secretRef.name,
      secretKey: secretRef.key,
      overlayRoutingMode,
      encryption,
      ...(routingModes?.length ? { routingModes: [...new Set(routingModes)] } : {}),
      ...(weight === undefined || weight === null ? {} : { weight }),
      namespaces: [...new Set(namespaces)],
      ...(readAnnotation(massRemoval, metadata.annotations ?? {}, problems)
        ? { allowMassRemoval: true }
        : {}),
      status: readStatus(raw),
    };
  },
};

/**
 * What stands for a RemoteCluster that cannot be read, as after a newer release wrote into it what this one does not
 * know: it is there, so nothing that came from the cluster may go.
 *
 * @param last as it was when it could be read; absent: nobody knows, and only what is well in it counts
 * @param problems why it cannot be read
 * @returns undefined: it is none at all
 */
export function standInFor(
  raw: RawRemoteCluster,
  last: RemoteClusterObject | undefined,
  problems: readonly Problem[],
): RemoteClusterObject | undefined {
  const { uid, generation = 0 } = raw.metadata;
  const isSame = last !== undefined && last.unreadable === undefined && last.uid === uid;
  if (isSame) return { ...last, generation, status: readStatus(raw) };
  const refused = new Set(problems.map(({ field }) => /^spec\.(\w+)/.exec(field ?? '')?.[1]));
  const spec = isMapping(raw.spec) ? Object.entries(raw.spec).filter(([field]) => !refused.has(field)) : [];
  const readable = { ...Object.fromEntries(spec), secretRef: { name: raw.metadata.name } };
  const found = remoteClusterReader.read({ ...raw, spec: readable }, Problems.ignored());
  const said = problems.map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`));
  return found && { ...found, unreadable: said.join('; ') };
}

interface RawRemoteCluster {
  readonly metadata: { readonly name: string; readonly uid?: string; readonly generation?: number };
  readonly spec?: unknown;
}

/** Our own controller writes it; whatever is wrong with it counts as absent, and is written anew. */
function readStatus(raw: unknown): RemoteClusterStatus {
  const status = isMapping(raw) && isMapping(raw['status']) ? raw['status'] : {};
  const { clusterId, services } = status;
  return {
    ...(typeof clusterId === 'string' && isClusterId(clusterId) ? { clusterId } : {}),
    conditions: conditionsOf(raw),
    ...(typeof services === 'number' ? { services } : {}),
  };
}
