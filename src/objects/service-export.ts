import * as v from 'valibot';
import { LONGEST_SELECTOR } from '../base/selector/cursor.ts';
import { API_VERSIONS } from './api-versions.ts';
import { check, label, mapping, must, namespace, stringMap, text } from './fields.ts';
import type { KindReader } from './kind.ts';
import { NO_TEXTS, readExportedAnnotations, readExportedLabels } from './labels.ts';
import { EXPORT_TO } from './names.ts';
import { type Problems, problemText, show } from './problem.ts';
import type { ServiceExportObject } from './shapes.ts';
import { readTimestamp } from './timestamp.ts';
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

export const serviceExportReader: KindReader<ServiceExportObject> = {
  kind: 'ServiceExport',
  apiVersions: [API_VERSIONS.ServiceExport, 'multicluster.x-k8s.io/v1alpha1'],
  read(raw, problems) {
    const found = check(schema, raw, problems);
    if (found === undefined) return undefined;
    const { metadata, spec } = found;
    const createdAt = readTimestamp(metadata.creationTimestamp, 'metadata.creationTimestamp', problems);
    const annotations = metadata.annotations ?? NO_TEXTS;
    const exportTo = readExportTo(annotations, problems);
    const request: ServiceExportObject = {
      kind: 'ServiceExport',
      namespace: metadata.namespace,
      name: metadata.name,
      ...(createdAt === undefined ? {} : { createdAt }),
      exportedLabels: readExportedLabels(spec?.exportedLabels, 'spec.exportedLabels', problems),
      exportedAnnotations: readExportedAnnotations(
        spec?.exportedAnnotations,
        'spec.exportedAnnotations',
        problems,
      ),
      traffic: readTraffic(annotations, problems),
      ...(exportTo === undefined ? {} : { exportTo }),
    };
    const ignored = problems.list().map(problemText);
    return ignored.length === 0 ? request : { ...request, ignored };
  },
};

/**
 * Whatever is written there, it restricts the export: left out, a mistake in it would give the service to everybody. So
 * what is no text becomes an empty selector, and one that is too long stays too long; both select no cluster.
 */
function readExportTo(
  annotations: Readonly<Record<string, unknown>>,
  problems: Problems,
): string | undefined {
  if (!Object.hasOwn(annotations, EXPORT_TO)) return undefined;
  const found = annotations[EXPORT_TO];
  if (typeof found === 'string') return found.slice(0, LONGEST_SELECTOR + 1);
  const message = `found ${show(found)}: must be a text; the service is exported to no cluster`;
  problems.warn(`metadata.annotations["${EXPORT_TO}"]`, message);
  return '';
}
