import { CLUSTER_ID_PROPERTY, EXPORTS_NAMESPACE } from '../objects/names.ts';
import type { Rule } from './facts.ts';

/** One thing that somebody might want of an API server: the attributes of a SelfSubjectAccessReview. */
export interface Wish {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly name?: string;
  /** Undefined: in all of them, or there are none. */
  readonly namespace?: string;
}

/** As people say it: `list secrets in kube-system`, `get nodes`, `patch remoteclusters.causeway.dev/status`. */
export function wishText({ verb, group, resource, subresource, name, namespace }: Wish): string {
  const kind = [resource, ...(group === '' ? [] : [group])].join('.');
  const whole = subresource === undefined ? kind : `${kind}/${subresource}`;
  const named = name === undefined ? '' : ` named ${name}`;
  return `${verb} ${whole}${named}${namespace === undefined ? '' : ` in ${namespace}`}`;
}

/** A kind that another cluster may read here. */
export interface RemoteRight {
  readonly group: string;
  readonly resource: string;
  /** In causeway-exports and the remote's own namespace, or of kinds that have none. */
  readonly where: 'published' | 'cluster';
  readonly verbs: readonly string[];
  /** Those of the verbs without which nothing is imported. */
  readonly used: readonly string[];
}

const READ = ['get', 'list', 'watch'];

/** All that deploy/base/remote-reader-rbac.yaml grants to another cluster; a test holds the two together. */
export const REMOTE_RIGHTS: readonly RemoteRight[] = [
  {
    group: 'causeway.dev',
    resource: 'exportedservices',
    where: 'published',
    verbs: READ,
    used: ['list', 'watch'],
  },
  {
    group: 'discovery.k8s.io',
    resource: 'endpointslices',
    where: 'published',
    verbs: READ,
    used: ['list', 'watch'],
  },
  { group: 'about.k8s.io', resource: 'clusterproperties', where: 'cluster', verbs: READ, used: ['get'] },
  { group: '', resource: 'nodes', where: 'cluster', verbs: READ, used: [] },
];

/** Everything that importing from a cluster asks of its API server. */
export function neededOf(ownNamespace: string | undefined): Wish[] {
  const published = [EXPORTS_NAMESPACE, ...(ownNamespace === undefined ? [] : [ownNamespace])];
  return REMOTE_RIGHTS.flatMap(({ group, resource, where, used }) =>
    used.flatMap(verb => {
      const wish = { verb, group, resource };
      if (where === 'published') return published.map(namespace => ({ ...wish, namespace }));
      return resource === 'clusterproperties' ? { ...wish, name: CLUSTER_ID_PROPERTY } : wish;
    }),
  );
}

/** A namespace in which nothing is published: what may be done there may be done everywhere. */
export const ELSEWHERE = 'default';

/** What nobody of another cluster may ever do: each is a way to everything, or shows what was not exported. */
export const TOO_MUCH: readonly Wish[] = [
  { verb: '*', group: '*', resource: '*' },
  { verb: 'list', group: '', resource: 'secrets' },
  { verb: 'get', group: '', resource: 'secrets', namespace: 'kube-system' },
  { verb: 'list', group: '', resource: 'services' },
  { verb: 'list', group: '', resource: 'pods' },
  { verb: 'create', group: '', resource: 'pods', namespace: ELSEWHERE },
  { verb: 'create', group: '', resource: 'pods', subresource: 'exec', namespace: ELSEWHERE },
  { verb: 'create', group: '', resource: 'serviceaccounts', subresource: 'token', namespace: ELSEWHERE },
  { verb: 'impersonate', group: '', resource: 'users' },
  { verb: 'patch', group: '', resource: 'nodes' },
  { verb: 'create', group: 'causeway.dev', resource: 'exportedservices', namespace: EXPORTS_NAMESPACE },
  { verb: 'delete', group: 'causeway.dev', resource: 'exportedservices', namespace: EXPORTS_NAMESPACE },
  { verb: 'delete', group: 'discovery.k8s.io', resource: 'endpointslices', namespace: EXPORTS_NAMESPACE },
  { verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'clusterrolebindings' },
];

const WRITES = [
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'impersonate',
  'bind',
  'escalate',
  '*',
];
/** Kinds whose mere reading gives away what was not exported, or credentials. */
const TELLING = ['secrets', 'pods', 'services', 'endpoints', 'configmaps', '*'];

/** One kind with the verbs that are more than `REMOTE_RIGHTS` grants. */
export interface Excess {
  /** `secrets: get list` */
  readonly text: string;
  /** Whether it writes, or reads what nobody exported. */
  readonly grave: boolean;
}

/**
 * What rules grant in a namespace beyond the table. What every authenticated user may do, asking for its own
 * permissions and names, counts as nothing.
 *
 * @param published whether the namespace is one that the remote shall read
 */
export function excessIn(rules: readonly Rule[], published: boolean): Excess[] {
  const others = rules.filter(rule => !(published && isOwnRenewal(rule)));
  return others.flatMap(({ groups, resources, verbs }) =>
    groups.flatMap(group =>
      resources.flatMap(resource => {
        const granted = REMOTE_RIGHTS.find(
          right =>
            right.group === group && right.resource === resource && (published || right.where === 'cluster'),
        );
        const more = verbs.filter(verb => !granted?.verbs.includes(verb));
        if (more.length === 0 || /reviews$/.test(resource)) return [];
        const grave = TELLING.includes(resource) || more.some(verb => WRITES.includes(verb)) || group === '*';
        const kind = wishText({ verb: '', group, resource }).trim();
        return { text: `${kind}: ${more.join(' ')}`, grave };
      }),
    ),
  );
}

/** A token for one account, which is the remote's own: deploy/remote-reader lets it renew its credential. */
function isOwnRenewal({ groups, resources, verbs, names = [] }: Rule): boolean {
  return [groups, resources, verbs].join(' ') === ' serviceaccounts/token create' && names.length === 1;
}

/** What the commands for operators ask of a cluster. */
export interface OperatorRight extends Wish {
  /** Which commands cannot do without it. */
  readonly commands: string;
}

/** @param namespace that Causeway runs in */
export function operatorRights(namespace: string): OperatorRight[] {
  const look = 'get, status, diagnose';
  const set = 'enable, disable';
  const pair = 'connect, disconnect';
  const rbac = 'rbac.authorization.k8s.io';
  return [
    { verb: 'list', group: 'causeway.dev', resource: 'remoteclusters', commands: look },
    { verb: 'list', group: 'multicluster.x-k8s.io', resource: 'serviceimports', commands: look },
    { verb: 'list', group: '', resource: 'pods', namespace, commands: look },
    { verb: 'get', group: '', resource: 'pods', subresource: 'proxy', namespace, commands: look },
    {
      verb: 'get',
      group: '',
      resource: 'pods',
      subresource: 'log',
      namespace,
      commands: 'diagnose --bundle',
    },
    { verb: 'get', group: '', resource: 'secrets', namespace, commands: `${pair}, diagnose` },
    { verb: 'patch', group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions', commands: set },
    { verb: 'create', group: '', resource: 'namespaces', commands: `${set}, ${pair}` },
    { verb: 'patch', group: 'apps', resource: 'deployments', namespace, commands: set },
    { verb: 'create', group: rbac, resource: 'clusterrolebindings', commands: `${set}, ${pair}` },
    { verb: 'patch', group: 'about.k8s.io', resource: 'clusterproperties', commands: set },
    { verb: 'patch', group: '', resource: 'secrets', namespace, commands: pair },
    { verb: 'patch', group: 'causeway.dev', resource: 'remoteclusters', commands: pair },
    {
      verb: 'create',
      group: '',
      resource: 'serviceaccounts',
      subresource: 'token',
      namespace: EXPORTS_NAMESPACE,
      commands: pair,
    },
    { verb: 'update', group: '', resource: 'configmaps', namespace: 'kube-system', commands: 'coredns' },
    {
      verb: 'patch',
      group: 'multicluster.x-k8s.io',
      resource: 'serviceexports',
      commands: 'export, unexport',
    },
  ];
}
