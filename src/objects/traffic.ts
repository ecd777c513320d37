import * as v from 'valibot';
import { AFFINITIES, affinityOf, oneOf, readAnnotation, wholeNumber } from './annotations.ts';
import { isMapping, must, wholeNumber as numberField } from './fields.ts';
import { EXPORT_TO } from './names.ts';
import { type Problems, show } from './problem.ts';
import type { Backends, TrafficSettings } from './shapes.ts';

export const BACKENDS = ['service', 'loadbalancer', 'endpoints'] as const satisfies readonly Backends[];

const MOST_WEIGHT = 1000;
const MOST_TTL = 3600;

const WEIGHT = wholeNumber(
  ['causeway.dev/weight', 'networking.fleet.azure.com/weight'],
  MOST_WEIGHT,
  'the cluster counts as 1 beside others with a weight',
);
const TTL = wholeNumber(['causeway.dev/ttl'], MOST_TTL, 'the default holds');
const BACKEND = oneOf(['causeway.dev/backends'], BACKENDS);
const AFFINITY = affinityOf([
  'causeway.dev/affinity',
  'service.cilium.io/affinity',
  'io.cilium/service-affinity',
]);

const PREFIX = 'causeway.dev/';
const OURS = [...[WEIGHT, AFFINITY, BACKEND, TTL].map(({ names }) => names[0]), EXPORT_TO];

/** The same settings where they are fields of an object of ours instead of annotations. */
export const weightField = numberField(0, MOST_WEIGHT);
const FIELDS = {
  weight: weightField,
  affinity: v.picklist(AFFINITIES, must(AFFINITIES.join(', '))),
  backends: v.picklist(BACKENDS, must(BACKENDS.join(', '))),
  ttl: numberField(0, MOST_TTL),
};

/** Reads the traffic annotations of a ServiceExport; nonsense is a warning and leaves the field unset. */
export function readTraffic(
  annotations: Readonly<Record<string, unknown>>,
  problems: Problems,
): TrafficSettings {
  for (const name of Object.keys(annotations)) {
    if (!name.startsWith(PREFIX) || OURS.includes(name)) continue;
    problems.warn(`metadata.annotations["${name}"]`, `is not known: must be one of ${OURS.join(', ')}`);
  }
  const weight = readAnnotation(WEIGHT, annotations, problems);
  const affinity = readAnnotation(AFFINITY, annotations, problems);
  const backends = readAnnotation(BACKEND, annotations, problems);
  const ttl = readAnnotation(TTL, annotations, problems);
  return {
    ...(weight === undefined ? {} : { weight }),
    ...(affinity === undefined ? {} : { affinity }),
    ...(backends === undefined ? {} : { backends }),
    ...(ttl === undefined ? {} : { ttl }),
  };
}

/**
 * The settings in a mapping. A newer Causeway may know more values than we do: one that is none is left unset, with a
 * warning.
 */
export function readTrafficFields(raw: unknown, field: string, problems: Problems): TrafficSettings {
  if (raw === undefined || raw === null) return {};
  if (!isMapping(raw)) return problems.warn(field, `found ${show(raw)}: must be a mapping`) ?? {};
  const settings: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(FIELDS)) {
    const found = raw[name];
    if (found === undefined || found === null) continue;
    const { success, output, issues } = v.safeParse(schema, found);
    if (success) settings[name] = output;
    else problems.warn(`${field}.${name}`, `found ${show(found)}: ${issues[0].message}; it is ignored`);
  }
  return settings;
}
