import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { waitFor } from '../kit/wait.ts';
import type { Manifest } from './api.ts';
import type { Cluster } from './cluster.ts';

const folder = join(import.meta.dirname, '../../../deploy/crds');
const namespaces = ['causeway-system', 'causeway-exports', 'causeway-imports'];

/**
 * What a cluster needs before a controller can run in it: our kinds, established, the namespaces, and who it is in the
 * cluster set. Harmless where it is there.
 * @param id of the cluster in the cluster set
 */
export async function installCauseway(cluster: Cluster, id = cluster.name): Promise<void> {
  const definitions = customResourceDefinitions();
  await Promise.all(definitions.map(definition => cluster.admin.apply(definition)));
  await Promise.all(definitions.map(definition => untilServed(cluster, definition)));
  await Promise.all(namespaces.map(name => cluster.ensureNamespace(name)));
  for (const [name, value] of [
    ['cluster.clusterset.k8s.io', id],
    ['clusterset.k8s.io', 'bed'],
  ] as const) {
    await cluster.admin.apply({
      apiVersion: 'about.k8s.io/v1beta1',
      kind: 'ClusterProperty',
      metadata: { name },
      spec: { value },
    });
  }
}

function customResourceDefinitions(): Manifest[] {
  return readdirSync(folder)
    .filter(file => file.endsWith('.yaml'))
    .flatMap(file => parseAllDocuments(readFileSync(join(folder, file), 'utf8')))
    .map(document => document.toJS() as Manifest)
    .filter(({ kind }) => kind === 'CustomResourceDefinition');
}

/** Established comes some moments before the first request is answered. */
async function untilServed(cluster: Cluster, definition: Manifest): Promise<void> {
  const { group, names, versions } = definition['spec'];
  for (const { name: version } of versions as { name: string }[]) {
    const path = `/apis/${group}/${version}/${names.plural}?limit=1`;
    const look = async (): Promise<number> => (await cluster.admin.request('GET', path)).status;
    await waitFor(`${cluster.name} serves ${path}`, look, status => status === 200, 30_000);
  }
}
