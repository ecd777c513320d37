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
  readonly namespace: string;
  readonly informer: Informer<Published>;
}

/**
 * Milliseconds for which a service that went is awaited in the other namespace: where it moves, because it is
 * restricted from now on, the two watches tell of it in any order, and its address here must not change (KEP-1645).
 */
const MOVING = 2_000;

/**
 * What a remote cluster publishes. What cannot be taken in is kept as what is wrong with it, until it is gone or
 * mended.
 */
type Published = ImportedObject | { readonly called: string; readonly fault: string };

export interface ImportInformersOptions {
  readonly client: ApiClient;
  readonly namespaces: ReadonlySet<string>;
  /** Of the remote cluster. What it says in another's name is left out. */
  readonly id: string;
  readonly imports: RemoteImports;
  readonly report: RemoteReport;
  /** Throws where the cluster is not, or does not say that it is, the one that was connected to. */
  readonly believe: (signal: AbortSignal) => Promise<void>;
  /** A list is in for the first time. */
  readonly listed: (name: string) => void;
  /** What the report says has changed. */
  readonly changed: () => void;
  readonly log: Logger;
}

/** What reads the things that a remote cluster publishes: per namespace its ExportedServices and their slices. */
export function importInformers(options: ImportInformersOptions): ImportInformer[] {
  return [...options.namespaces].flatMap(namespace => [
    importInformer(options, namespace, RESOURCES.endpointSlices, raw => readSlice(raw, options.id)),
    importInformer(options, namespace, RESOURCES.exportedServices, raw => readExported(raw, options.id)),
  ]);
}

function importInformer(
  { client, namespaces, id, imports, report, believe, listed, changed, log }: ImportInformersOptions,
  namespace: string,
  resource: Resource,
  read: (raw: RawObject) => Published | undefined,
): ImportInformer {
  const name = `${resource.plural} in ${namespace}`;
  const isAlone = namespaces.size === 1;
  const unreadable = (called: string, fault: string): void => {
    report.unreadable(called, fault);
    changed();
  };
  const enter = (one: Published): void => {
    if ('fault' in one) unreadable(one.called, one.fault);
    else if (imports.fits(one)) imports.put(one, namespace);
    else unreadable(`${namespace}/${one.name}`, 'the cluster publishes more than any other takes in of one');
  };
  const leave = (one: Published): void => {
    if ('fault' in one) {
      report.readable(one.called);
      changed();
    } else imports.drop(one, namespace, isAlone ? 0 : MOVING);
  };
  const informer = new Informer<Published>({
    client,
    resource,
    selection: { namespace, labelSelector: `${MCS_SOURCE_CLUSTER}=${id}` },
    read,
    believe,
    log,
    random: Math.random,
    listener: {
      put: (one, before) => {
        if (before !== undefined && idOf(before) !== idOf(one)) leave(before);
        enter(one);
      },
      dropped: leave,
      synced: () => listed(name),
      stale: reason => report.stale(name, reason),
      fresh: () => report.fresh(name),
    },
  });
  return { name, namespace, informer };
}

function readSlice(raw: RawObject, id: string): Published | undefined {
  const slice = readEndpointSlice(raw, Problems.ignored(), 'published', 'everything');
  return slice?.sourceCluster === id ? slice : undefined;
}

function readExported(raw: RawObject, id: string): Published | undefined {
  const { name, namespace } = raw.metadata;
  const called = `${namespace}/${name}`;
  const problems = new Problems(() => called);
  const exported = exportedServiceReader.read(raw, problems);
  const problem = problems.list().find(({ severity }) => severity === 'error');
  if (problem !== undefined) return { called, fault: `${problem.field ?? 'object'}: ${problem.message}` };
  if (exported === undefined || exported.cluster === id) return exported;
  const fault = `spec.cluster: found "${exported.cluster}": must be the cluster's own id, "${id}"`;
  return { called, fault };
}

function idOf(one: Published): string {
  return 'fault' in one ? `unreadable ${one.called}` : `${one.kind} ${one.namespace}/${one.name}`;
}
