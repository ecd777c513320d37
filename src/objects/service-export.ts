import * as v from 'valibot';
import { check, label, mapping, must, namespace, stringMap, text } from './fields.ts';
import type { KindReader } from './kind.ts';
import { type Problems, show } from './problem.ts';
import type { ServiceExportObject } from './shapes.ts';
import { readTraffic } from './traffic.ts';

const schema = mapping({
  metadata: mapping({
    name: label,
    namespace,
    creationTimestamp: v.optional(v.unknown()),
    // Values unchecked here: an unquoted weight is worth a warning of its own and not the loss of the export.
    annotations: v.nullish(v.record(text, v.unknown(), must('a mapping'))),
  }),
  spec: v.nullish(mapping({ exportedLabels: stringMap, exportedAnnotations: stringMap })),
});

/** One for all exports that export none: an object of its own for each would cost more than the export's name. */
const NONE: Readonly<Record<string, string>> = Object.freeze({});

export const serviceExportReader: KindReader = {
  kind: 'ServiceExport',
  apiVersions: ['multicluster.x-k8s.io/v1beta1', 'multicluster.x-k8s.io/v1alpha1'],
  read(raw, problems): ServiceExportObject | undefined {
    const found = check(schema, raw, problems);
    if (found === undefined) return undefined;
    const { metadata, spec } = found;
    const createdAt = readTimestamp(metadata.creationTimestamp, problems);
    return {
      kind: 'ServiceExport',
      namespace: metadata.namespace,
      name: metadata.name,
      ...(createdAt === undefined ? {} : { createdAt }),
      exportedLabels: spec?.exportedLabels ?? NONE,
      exportedAnnotations: spec?.exportedAnnotations ?? NONE,
      traffic: readTraffic(metadata.annotations ?? NONE, problems),
    };
  },
};

const RFC3339 = /^(\d{4}-\d\d-\d\d)[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

function readTimestamp(value: unknown, problems: Problems): number | undefined {
  if (value === undefined || value === null) return undefined;
  const day = typeof value === 'string' ? RFC3339.exec(value)?.[1] : undefined;
  const time = isDay(day) && typeof value === 'string' ? Date.parse(value.toUpperCase()) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  const must = 'must be an RFC 3339 time (2026-01-31T12:00:00Z)';
  return problems.warn(
    'metadata.creationTimestamp',
    `found ${show(value)}: ${must}; the export counts as the youngest`,
  );
}

/** `Date.parse` takes 30 February for 2 March, so the day has to survive the way there and back. */
function isDay(day: string | undefined): boolean {
  return day !== undefined && new Date(day).getUTCDate() === Number(day.slice(-2));
}
