import { isClusterId, isLabel } from '../base/name.ts';
import {
  FOR_NAME,
  FOR_NAMESPACE,
  MCS_SERVICE_NAME,
  MCS_SOURCE_CLUSTER,
  OUR_SLICE_MANAGER,
  SERVICE_NAME,
  SLICE_MANAGED_BY,
} from './names.ts';
import { type Problems, show } from './problem.ts';

/**
 * What a slice is read as: a Service's own, an imported one as the MCS API has it, any that we wrote for a service of
 * its namespace, or one that a cluster publishes for others. Which of its labels say what it belongs to depends on
 * that.
 */
export type SliceOrigin = 'native' | 'mirrored' | 'ours' | 'published';

/** What a slice belongs to. */
export interface SliceMarks {
  readonly namespace: string;
  readonly serviceName: string;
  readonly sourceCluster?: string;
}

type Labels = Readonly<Record<string, unknown>>;

/** Undefined, where the labels do not say it; why is in `problems`. */
export function readMarks(
  { namespace, labels }: { readonly namespace: string; readonly labels: Labels },
  origin: SliceOrigin,
  problems: Problems,
): SliceMarks | undefined {
  if (origin === 'native') return nativeMarks(namespace, labels, problems);
  if (origin === 'ours') {
    const serviceName = readMark(labels, FOR_NAME, isLabel, problems);
    return serviceName === undefined ? undefined : { namespace, serviceName };
  }
  const mirrored = origin === 'mirrored';
  const serviceName = readMark(labels, mirrored ? MCS_SERVICE_NAME : FOR_NAME, isLabel, problems);
  const sourceCluster = readMark(labels, MCS_SOURCE_CLUSTER, isClusterId, problems);
  const home = mirrored ? namespace : readMark(labels, FOR_NAMESPACE, isLabel, problems);
  if (serviceName === undefined || sourceCluster === undefined || home === undefined) return undefined;
  return { namespace: home, serviceName, sourceCluster };
}

/**
 * Of a Service's own slices, those that we added to it are none: they hold other clusters' endpoints, which this
 * cluster would give to the others as its own.
 */
function nativeMarks(namespace: string, labels: Labels, problems: Problems): SliceMarks | undefined {
  if (labels[SLICE_MANAGED_BY] === OUR_SLICE_MANAGER) {
    const message = `found "${OUR_SLICE_MANAGER}": the endpoints are other clusters'; the slice is left out`;
    return problems.warn(`metadata.labels.${SLICE_MANAGED_BY}`, message);
  }
  const serviceName = readMark(labels, SERVICE_NAME, isLabel, problems);
  return serviceName === undefined ? undefined : { namespace, serviceName };
}

function readMark(
  labels: Labels,
  key: string,
  isValid: (text: string) => boolean,
  problems: Problems,
): string | undefined {
  const found = labels[key];
  if (found === undefined || found === null || found === '') {
    return problems.warn(
      'metadata.labels',
      `no label ${key}: it cannot be told what the slice belongs to, and it is left out`,
    );
  }
  if (typeof found === 'string' && isValid(found)) return found;
  const be = key === MCS_SOURCE_CLUSTER ? 'a cluster id' : 'an RFC 1123 label';
  return problems.refuse(`metadata.labels.${key}`, `found ${show(found)}: must be ${be}`);
}
