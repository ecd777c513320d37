import * as v from 'valibot';
import { check, mapping, must, subdomain, text } from './fields.ts';
import type { KindReader } from './kind.ts';
import type { ClusterPropertyObject } from './shapes.ts';

/** KEP-2149: 128k characters. */
const LONGEST = 128_000;
const VALUE = must(`a text of 1–${LONGEST} characters`);

const schema = mapping({
  metadata: mapping({ name: subdomain }),
  spec: mapping({ value: v.pipe(text, v.minLength(1, VALUE), v.maxLength(LONGEST, VALUE)) }),
});

/** Whether a value is any good as a cluster id is for those to say who use it as one. */
export const clusterPropertyReader: KindReader<ClusterPropertyObject> = {
  kind: 'ClusterProperty',
  apiVersions: ['about.k8s.io/v1beta1', 'about.k8s.io/v1alpha1'],
  read(raw, problems) {
    const found = check(schema, raw, problems);
    return found && { kind: 'ClusterProperty', name: found.metadata.name, value: found.spec.value };
  },
};
