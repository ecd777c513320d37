import { parseLabelSelector } from '../base/selector/kubernetes.ts';
import { EXPORT_TO } from '../objects/names.ts';
import { Problems } from '../objects/problem.ts';
import { serviceExportReader } from '../objects/service-export.ts';
import type { Manifest } from './manifest.ts';

/** What an operator may ask of an export, as it was typed; undefined: it is not asked, and stays as it is. */
export interface ExportRequest {
  readonly weight?: string | undefined;
  readonly affinity?: string | undefined;
  readonly backends?: string | undefined;
  readonly ttl?: string | undefined;
  readonly exportTo?: string | undefined;
}

type Asked = keyof ExportRequest;

const ANNOTATIONS: Readonly<Record<Asked, string>> = {
  weight: 'causeway.dev/weight',
  affinity: 'causeway.dev/affinity',
  backends: 'causeway.dev/backends',
  ttl: 'causeway.dev/ttl',
  exportTo: EXPORT_TO,
};

/** What is wrong with something that was asked. */
export interface RequestFault {
  readonly asked: Asked;
  readonly message: string;
}

/** Which service. */
interface Named {
  readonly namespace: string;
  readonly name: string;
}

type Texts = Readonly<Record<string, string>>;

/** The annotations that a request comes to. */
export function requestedAnnotations(request: ExportRequest): Texts {
  return Object.fromEntries(
    asked(request).map(([what, text]): [string, string] => [ANNOTATIONS[what], text]),
  );
}

/** A ServiceExport with just these annotations: all that whoever applies it has to say about the object. */
export function serviceExportManifest({ namespace, name }: Named, annotations: Texts): Manifest {
  const [apiVersion] = serviceExportReader.apiVersions;
  return { apiVersion, kind: serviceExportReader.kind, metadata: { namespace, name, annotations } };
}

/**
 * What the reader of ServiceExports would say about the request once it is written. There it would be a warning, and
 * the default would hold; here somebody is still there to write something else.
 */
export function requestFaults(named: Named, request: ExportRequest): RequestFault[] {
  const problems = new Problems(() => '');
  serviceExportReader.read(serviceExportManifest(named, requestedAnnotations(request)), problems);
  const faults = asked(request).flatMap(([what]) =>
    problems
      .list()
      .filter(({ field }) => field === `metadata.annotations["${ANNOTATIONS[what]}"]`)
      .map(({ message }) => ({ asked: what, message: withoutAnnotation(message) })),
  );
  const selector = request.exportTo === undefined ? undefined : parseLabelSelector(request.exportTo);
  if (selector === undefined || 'selector' in selector) return faults;
  return [...faults, { asked: 'exportTo', message: `the selector of clusters ${selector.fault}` }];
}

/** What holds instead is of no interest to who can still mend it, nor are the quotes that a number needs in YAML. */
function withoutAnnotation(message: string): string {
  return message
    .replace(/; it is ignored.*$/, '')
    .replace(/ quoted whole number "(\d+)"–"(\d+)"$/, ' whole number from $1 to $2');
}

/**
 * The annotations of ours that a field manager has applied: applied again without them, they would go.
 *
 * @param raw the object as the API server keeps it; undefined: there is none
 */
export function appliedAnnotations(
  raw: { readonly metadata: Readonly<Record<string, unknown>> } | undefined,
  manager: string,
): Texts {
  const { managedFields, annotations } = raw?.metadata ?? {};
  const entries: readonly unknown[] = Array.isArray(managedFields) ? managedFields : [];
  const ours = entries.find(entry => {
    const { manager: by, operation, subresource } = Object(entry);
    return by === manager && operation === 'Apply' && !subresource;
  });
  const fields = Object(Object(Object(Object(ours).fieldsV1)['f:metadata'])['f:annotations']);
  const held: unknown[][] = Object.entries(Object(annotations)).filter(([key]) =>
    Object.hasOwn(fields, `f:${key}`),
  );
  return Object.fromEntries(held.map(([key, value]) => [String(key), String(value)]));
}

/** Who else has written an object, by the names of their field managers; its status does not count. */
export function otherManagers(
  raw: { readonly metadata: Readonly<Record<string, unknown>> },
  manager: string,
): string[] {
  const { managedFields } = raw.metadata;
  const entries: readonly unknown[] = Array.isArray(managedFields) ? managedFields : [];
  const names = entries
    .filter(entry => !Object(entry).subresource)
    .map(entry => String(Object(entry).manager));
  return [...new Set(names)].filter(name => name !== manager).sort();
}

function asked(request: ExportRequest): [Asked, string][] {
  const names = Object.keys(ANNOTATIONS) as Asked[];
  return names.flatMap(name => {
    const text = request[name];
    return text === undefined ? [] : [[name, text] as [Asked, string]];
  });
}
