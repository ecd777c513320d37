import * as v from 'valibot';
import { isClusterId } from '../base/name.ts';
import { API_VERSIONS } from './api-versions.ts';
import { check, mapping, must, subdomain, text } from './fields.ts';
import type { KindReader } from './kind.ts';
import { CLUSTER_ID_PROPERTY } from './names.ts';
import { type Problems, show } from './problem.ts';
import type { ClusterPropertyObject } from './shapes.ts';

/** KEP-2149: 128k characters. */
const LONGEST = 128_000;
const VALUE = must(`a text of 1–${LONGEST} characters`);

const schema = mapping({
  metadata: mapping({ name: subdomain }),
  spec: mapping({ value: v.pipe(text, v.minLength(1, VALUE), v.maxLength(LONGEST, VALUE)) }),
});

export const clusterPropertyReader: KindReader<ClusterPropertyObject> = {
  kind: 'ClusterProperty',
  apiVersions: [API_VERSIONS.ClusterProperty, 'about.k8s.io/v1alpha1'],
  read(raw, problems) {
    const found = check(schema, raw, problems);
    return found && { kind: 'ClusterProperty', name: found.metadata.name, value: found.spec.value };
  },
};

/**
 * A ClusterProperty whose value is a cluster id. Undefined: it is another property, or `problems` says what is wrong.
 */
export function readClusterId(raw: unknown, problems: Problems): ClusterPropertyObject | undefined {
  const property = clusterPropertyReader.read(raw, problems);
  if (property?.name !== CLUSTER_ID_PROPERTY) return undefined;
  if (isClusterId(property.value)) return property;
  const must = 'must be a cluster id: lower-case letters, digits, "-" and "."; at most 63';
  return problems.refuse('spec.value', `found ${show(property.value)}: ${must}`);
}
