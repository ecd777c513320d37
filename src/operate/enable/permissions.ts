import { type Wish, wishText } from '../../diagnose/rights.ts';
import type { ApiClient } from '../../kube/client.ts';
import type { Resource } from '../../kube/resource.ts';
import { answersTo } from '../diagnose/rights.ts';

/** What somebody wants to do with objects of one kind. */
export interface Right {
  readonly resource: Resource;
  readonly verbs: readonly string[];
  /** Undefined: in all namespaces, or the kind has none. */
  readonly namespace?: string | undefined;
}

/** Which of these rights a credential does not have: `create, patch deployments.apps in causeway-system`. */
export async function deniedRights(
  client: ApiClient,
  rights: readonly Right[],
  signal: AbortSignal,
): Promise<string[]> {
  const answers = await answersTo(client, rights.flatMap(wishesOf), signal);
  return rights.flatMap(right => {
    const { resource, namespace } = right;
    const refused = wishesOf(right).filter(wish => answers[wishText(wish)] !== true);
    if (refused.length === 0) return [];
    const kind = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
    const where = namespace === undefined ? '' : ` in ${namespace}`;
    return [`${refused.map(({ verb }) => verb).join(', ')} ${kind}${where}`];
  });
}

function wishesOf({ resource: { group, plural }, verbs, namespace }: Right): Wish[] {
  return verbs.map(verb => ({ verb, group, resource: plural, ...(namespace && { namespace }) }));
}
