import type { Api } from './api.ts';
import type { Cluster } from './cluster.ts';

/**
 * What somebody might want: `list secrets in shop`, `patch remoteclusters.causeway.dev/status`,
 * `get leases.coordination.k8s.io named causeway-controller in causeway-system`.
 */
export type Wish = string;

/**
 * What RBAC lets the owner of a token do in a namespace, cluster-wide rights included: `services: create list patch`,
 * in alphabetical order; `leases.coordination.k8s.io causeway-controller: get` where it holds for one name only. What
 * every authenticated user may do (ask for its own permissions) is left out.
 */
export async function permissions(api: Api, namespace: string): Promise<string[]> {
  const { status, body } = await api.request(
    'POST',
    '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectRulesReview',
      spec: { namespace },
    },
  );
  if (status !== 201 || body.status.incomplete)
    throw new Error(`no full list of permissions: ${JSON.stringify(body)}`);
  const verbsOf = new Map<string, Set<string>>();
  for (const { apiGroups, resources, resourceNames = [''], verbs } of body.status.resourceRules as Rule[]) {
    for (const group of apiGroups) {
      if (everybodys.includes(group)) continue;
      for (const resource of resources) {
        for (const name of resourceNames) {
          const what = `${kindOf(resource, group)}${name === '' ? '' : ` ${name}`}`;
          verbsOf.set(what, new Set([...(verbsOf.get(what) ?? []), ...verbs]));
        }
      }
    }
  }
  return [...verbsOf].map(([what, verbs]) => `${what}: ${[...verbs].sort().join(' ')}`).sort();
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** As kubectl writes it: `remoteclusters.causeway.dev/status`. */
function kindOf(resource: string, group: string): string {
  const [plural, ...subresource] = resource.split('/');
  return [[plural, ...(group === '' ? [] : [group])].join('.'), ...subresource].join('/');
}

/** Groups of reviews about oneself (ClusterRole system:basic-user). */
const everybodys = ['authorization.k8s.io', 'authentication.k8s.io'];

/** Asks the API server, as its administrator, whether a ServiceAccount's wish would be granted. */
export async function granted(cluster: Cluster, account: string, wish: Wish): Promise<boolean> {
  const [, verb, kind = '', subresource, name, namespace] =
    /^(\w+) ([\w.-]+)(?:\/(\w+))?(?: named ([\w.:-]+))?(?: in ([\w-]+))?$/.exec(wish) ?? [];
  if (verb === undefined) throw new Error(`cannot read ${JSON.stringify(wish)}`);
  const [resource, ...group] = kind.split('.');
  const [accountNamespace] = account.split('/');
  const { status, body } = await cluster.admin.request(
    'POST',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: {
        user: `system:serviceaccount:${account.replace('/', ':')}`,
        groups: [
          'system:authenticated',
          'system:serviceaccounts',
          `system:serviceaccounts:${accountNamespace}`,
        ],
        resourceAttributes: { verb, group: group.join('.'), resource, subresource, name, namespace },
      },
    },
  );
  if (status !== 201) throw new Error(`no answer to ${JSON.stringify(wish)}: ${JSON.stringify(body)}`);
  return body.status.allowed;
}
