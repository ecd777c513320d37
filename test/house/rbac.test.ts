import { expect, test } from 'vitest';
import { RESOURCES } from '../../src/kube/resource.ts';
import { defined, ofKind, type PolicyRule } from './manifests.ts';

const roles = ofKind('ClusterRole', 'Role');
const rules = roles.flatMap(({ kind, metadata, rules: own = [] }) =>
  own.map(rule => ({ role: `${kind} ${metadata.name}`, ...rule })),
);

test.each(rules)(
  '$role: $verbs of $resources names kinds that Causeway handles, and verbs one by one',
  rule => {
    const known = new Set(Object.values(RESOURCES).map(({ group, plural }) => `${group}/${plural}`));
    expect(kindsOf(rule).filter(kind => !known.has(kind.replace(/\/(?:status|token)$/, '')))).toEqual([]);
    const ordinary = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
    expect(rule.verbs.filter(verb => !ordinary.includes(verb))).toEqual([]);
  },
);

test('only the controller writes, an agent what its policy lets it, and a remote renews its own credential', () => {
  const writers = rules.filter(({ verbs }) => verbs.some(verb => !['get', 'list', 'watch'].includes(verb)));
  expect(new Set(writers.map(({ role }) => role))).toEqual(
    new Set([
      'ClusterRole causeway-agent',
      'ClusterRole causeway-controller',
      'ClusterRole causeway-publisher',
      'Role causeway-controller',
      'Role causeway-token-renewal',
    ]),
  );
  expect(writers.filter(({ role }) => role === 'ClusterRole causeway-agent')).toEqual([
    { role: 'ClusterRole causeway-agent', apiGroups: [''], resources: ['nodes'], verbs: ['patch'] },
  ]);
  expect(rules.filter(({ role }) => role === 'Role causeway-token-renewal')).toEqual([
    {
      role: 'Role causeway-token-renewal',
      apiGroups: [''],
      resources: ['serviceaccounts/token'],
      resourceNames: ['REMOTE'],
      verbs: ['create'],
    },
  ]);
});

test('Secrets are read and renewed in one namespace only', () => {
  const readers = rules.filter(({ resources }) => resources.includes('secrets'));
  expect(readers).toEqual([
    {
      role: 'Role causeway-controller',
      apiGroups: [''],
      resources: ['secrets'],
      verbs: ['list', 'watch', 'patch'],
    },
  ]);
});

test.each(ofKind('ClusterRoleBinding', 'RoleBinding'))(
  '$kind $metadata.name in $metadata.namespace: its role and its subjects are there',
  ({ roleRef, subjects = [], metadata }) => {
    const { kind, name } = defined(roleRef);
    const bound = roles.filter(role => role.kind === kind && role.metadata.name === name);
    expect(bound).toHaveLength(1);
    if (kind === 'Role') expect(bound[0]?.metadata.namespace).toBe(metadata.namespace);
    const accounts = ofKind('ServiceAccount').map(account => identityOf(account.metadata));
    expect(subjects.filter(one => !accounts.includes(identityOf(one)))).toEqual([]);
  },
);

test('every role is bound, and what lies in namespaces by RoleBindings alone', () => {
  const refs = (kind: string) => ofKind(kind).map(({ roleRef }) => defined(roleRef).name);
  expect(
    roles.filter(
      ({ metadata }) => ![...refs('RoleBinding'), ...refs('ClusterRoleBinding')].includes(metadata.name),
    ),
  ).toEqual([]);
  expect(new Set(refs('ClusterRoleBinding'))).toEqual(
    new Set(['causeway-agent', 'causeway-controller', 'causeway-dns', 'causeway-remote-reader-cluster']),
  );
});

test('a token is mounted only where the pod asks for it', () => {
  expect(
    ofKind('ServiceAccount').map(account => Reflect.get(account, 'automountServiceAccountToken')),
  ).toEqual([false, false, false, false]);
});

function kindsOf({ apiGroups, resources }: PolicyRule): string[] {
  return apiGroups.flatMap(group => resources.map(plural => `${group}/${plural}`));
}

function identityOf({ namespace, name }: { readonly namespace?: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}
