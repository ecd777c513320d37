import type { ApiClient, RawObject } from '../kube/client.ts';
import { Informer } from '../kube/informer.ts';
import { RESOURCES, type Resource } from '../kube/resource.ts';
import { readEndpointSlice } from '../objects/endpoint-slice.ts';
import { exportedServiceReader } from '../objects/exported-service.ts';
import { MCS_SOURCE_CLUSTER } from '../objects/names.ts';
import { Problems } from '../objects/problem.ts';
import type { Logger } from '../ops/log.ts';
import type { ImportedObject } from './memory.ts';
import type { RemoteImports } from './remote-imports.ts';
import type { RemoteReport } from './remote-report.ts';

export interface ImportInformer {
  /** `exportedservices in causeway-exports`. */
  readonly name: string;
  readonly informer: Informer<ImportedObject>;
}

export interface ImportInformersOptions {
  readonly client: ApiClient;
  readonly namespaces: Iterable<string>;
  /** Of the remote cluster. What it says in another's name is left out. */
  readonly id: string;
  readonly imports: RemoteImports;
  readonly report: RemoteReport;
  /** A list is in for the first time. */
  readonly listed: (name: string) => void;
  readonly log: Logger;
}

/** What reads the things that a remote cluster publishes: per namespace its ExportedServices and their slices. */
export function importInformers(options: ImportInformersOptions): ImportInformer[] {
  return [...options.namespaces].flatMap(namespace => [
    importInformer(options, namespace, RESOURCES.endpointSlices, raw => readSlice(raw, options.id)),
    importInformer(options, namespace, RESOURCES.exportedServices, raw => readExported(raw, options)),
  ]);
}

function importInformer(
  { client, id, imports, report, listed, log }: ImportInformersOptions,
  namespace: string,
  resource: Resource,
  read: (raw: RawObject) => ImportedObject | undefined,
): ImportInformer {
  const name = `${resource.plural} in ${namespace}`;
  const informer = new Informer<ImportedObject>({
    client,
    resource,
    selection: { namespace, labelSelector: `${MCS_SOURCE_CLUSTER}=${id}` },
    read,
    log,
    random: Math.random,
    listener: {
      put: (object, before) => {
        if (before !== undefined && idOf(before) !== idOf(object)) imports.drop(before, namespace);
        imports.put(object, namespace);
      },
      dropped: object => imports.drop(object, namespace),
      synced: () => listed(name),
      stale: reason => report.stale(name, reason),
      fresh: () => report.fresh(name),
    },
  });
  return { name, informer };
}

function readSlice(raw: RawObject, id: string): ImportedObject | undefined {
  const slice = readEndpointSlice(raw, new Problems(() => ''), 'published', 'everything');
  return slice?.sourceCluster === id ? slice : undefined;
}

function readExported(raw: RawObject, { id, report }: ImportInformersOptions): ImportedObject | undefined {
  const { name, namespace } = raw.metadata;
  const called = `${namespace}/${name}`;
  const problems = new Problems(() => called);
  const exported = exportedServiceReader.read(raw, problems);
  const fault = problems.list().find(({ severity }) => severity === 'error');
  if (fault !== undefined) {
    report.unreadable(called, `${fault.field ?? 'object'}: ${fault.message}`);
    return undefined;
  }
  if (exported !== undefined && exported.cluster !== id) {
    report.unreadable(
      called,
      `spec.cluster: found "${exported.cluster}": must be the cluster's own id, "${id}"`,
    );
    return undefined;
  }
  report.readable(called);
  return exported;
}

function idOf({ kind, namespace, name }: ImportedObject): string {
  return `${kind} ${namespace}/${name}`;
}
