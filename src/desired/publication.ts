import { isLabel } from '../base/name.ts';
import { parseLabelSelector } from '../base/selector/kubernetes.ts';
import { matches } from '../base/selector/selector.ts';
import { EXPORTS_NAMESPACE } from '../objects/names.ts';

/** Where an export is published, and what its owner has to know about that. */
export interface Publication {
  /** Ordered by name; empty: nowhere. */
  readonly publishIn: readonly string[];
  /** What was found and what to do. Absent: it is published just where `export-to` says. */
  readonly fault?: string;
}

/** A RemoteCluster, as far as `causeway.dev/export-to` looks at it. */
export interface Selectable {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The namespace that only this RemoteCluster's credential may read. */
export function privateExportsNamespace(remoteCluster: string): string {
  return `${EXPORTS_NAMESPACE}-${remoteCluster}`;
}

/**
 * Which namespaces an export is published in. Without `causeway.dev/export-to` that is the one which every remote
 * credential may read; with it, one per RemoteCluster that it selects. What cannot be read is published nowhere: a
 * mistake in a restriction must not lift it.
 *
 * @param exportTo the annotation as written
 * @param remotes all RemoteClusters of this cluster
 * @param namespacesThatExist of this cluster
 */
export function publicationOf(
  exportTo: string | undefined,
  remotes: readonly Selectable[],
  namespacesThatExist: ReadonlySet<string>,
): Publication {
  if (exportTo === undefined) return existing([EXPORTS_NAMESPACE], [], namespacesThatExist);
  const reading = parseLabelSelector(exportTo);
  if ('fault' in reading) {
    return nowhere(
      `causeway.dev/export-to is no label selector: ${reading.fault}. Until it is one, the service is exported to no cluster; ` +
        'without the annotation it is exported to all',
    );
  }
  const selected = remotes.filter(({ labels }) => matches(reading.selector, labels)).map(({ name }) => name);
  if (selected.length === 0) {
    return nowhere(
      `causeway.dev/export-to selects none of the ${remotes.length} RemoteClusters by their labels: ` +
        'the service is exported to no cluster until it selects one',
    );
  }
  const named = selected.filter(name => isLabel(privateExportsNamespace(name)));
  const unnamed = selected.filter(name => !named.includes(name));
  return existing(named.map(privateExportsNamespace).sort(), unnamed.sort(), namespacesThatExist);
}

/** @param unnamed RemoteClusters whose name cannot be part of a namespace's */
function existing(
  wanted: readonly string[],
  unnamed: readonly string[],
  namespacesThatExist: ReadonlySet<string>,
): Publication {
  const publishIn = wanted.filter(namespace => namespacesThatExist.has(namespace));
  const missing = wanted.filter(namespace => !namespacesThatExist.has(namespace));
  const faults = [
    ...(missing.length === 0 ? [] : [missingText(missing)]),
    ...(unnamed.length === 0 ? [] : [unnamedText(unnamed)]),
  ];
  return { publishIn, ...(faults.length === 0 ? {} : { fault: faults.join('; ') }) };
}

function nowhere(fault: string): Publication {
  return { publishIn: [], fault };
}

function missingText(missing: readonly string[]): string {
  const [first = ''] = missing;
  const one = missing.length === 1;
  const what = one ? `namespace ${first} does` : `namespaces ${some(missing)} do`;
  const model = first === EXPORTS_NAMESPACE ? 'deploy/base' : 'deploy/remote-reader';
  return `the service cannot be exported through what is not there: ${what} not exist; create ${one ? 'it' : 'them'} as ${model} has it`;
}

function unnamedText(unnamed: readonly string[]): string {
  const most = 63 - privateExportsNamespace('').length;
  return (
    `RemoteCluster ${some(unnamed)} cannot be exported to by name: ${EXPORTS_NAMESPACE}-<name> has to be the name of a ` +
    `namespace; give it a name without dots of at most ${most} characters`
  );
}

/** A message has room for a few names, and a cluster set may have hundreds. */
function some(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
