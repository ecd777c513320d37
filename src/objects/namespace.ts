import { API_VERSIONS } from './api-versions.ts';
import { check, label, mapping } from './fields.ts';
import type { KindReader } from './kind.ts';
import type { NamespaceObject } from './shapes.ts';

const schema = mapping({ metadata: mapping({ name: label }) });

export const namespaceReader: KindReader<NamespaceObject> = {
  kind: 'Namespace',
  apiVersions: [API_VERSIONS.Namespace],
  read(raw, problems) {
    const found = check(schema, raw, problems);
    return found && { kind: 'Namespace', name: found.metadata.name };
  },
};
