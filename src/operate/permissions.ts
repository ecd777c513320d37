import type { ApiClient } from '../kube/client.ts';
import type { Resource } from '../kube/resource.ts';

/** What somebody wants to do with objects of one kind. */
export interface Right {
  readonly resource: Resource;
  readonly verbs: readonly string[];
  /** Undefined: in all namespaces, or the kind has none. */
  readonly namespace?: string | undefined;
}

/**
 * Which of these rights the credential does not have, in words: `create, patch deployments.apps in causeway-system`. The
 * API server is asked about each.
 */
export async function deniedRights(
  client: ApiClient,
  rights: readonly Right[],
  signal: AbortSignal,
): Promise<string[]> {
  const denied = rights.map(async right => {
    const { resource, verbs, namespace } = right;
    const answers = await Promise.all(verbs.map(verb => isAllowed(client, right, verb, signal)));
    const refused = verbs.filter((_, index) => answers[index] !== true);
    if (refused.length === 0) return [];
    const kind = resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`;
    return [`${refused.join(', ')} ${kind}${namespace === undefined ? '' : ` in ${namespace}`}`];
  });
  return (await Promise.all(denied)).flat();
}

async function isAllowed(
  client: ApiClient,
  { resource: { group, plural }, namespace }: Right,
  verb: string,
  signal: AbortSignal,
): Promise<boolean> {
  const resourceAttributes = { group, resource: plural, verb, ...(namespace && { namespace }) };
  const review = await client.ask(
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    },
    signal,
  );
  return Object(review['status']).allowed === true;
}
