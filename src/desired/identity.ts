import { objectKey } from '../base/name.ts';
import { compareText } from '../mesh/export.ts';
import { type DesiredObject, OWNED_KINDS } from './model.ts';

/** `Kind namespace/name`: unique among the objects of a cluster. */
export function objectId({
  kind,
  namespace,
  name,
}: Pick<DesiredObject, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${objectKey(namespace, name)}`;
}

/**
 * The order in which objects are applied, by their ids: what another one refers to comes before it, so that no import
 * names a Service that is not there. Removed the other way round.
 */
export function byKind(one: string, other: string): number {
  return rankOf(one) - rankOf(other) || compareText(one, other);
}

function rankOf(id: string): number {
  return OWNED_KINDS.findIndex(kind => id.startsWith(`${kind} `));
}
