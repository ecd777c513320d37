import { expect, test } from 'vitest';
import { REMOTE_RIGHTS } from '../../src/diagnose/rights.ts';
import { ofKind } from '../house/manifests.ts';

test.each([
  { role: 'causeway-remote-reader', where: 'published' },
  { role: 'causeway-remote-reader-cluster', where: 'cluster' },
])('what is held for granted is what ClusterRole $role grants', ({ role, where }) => {
  const rules = ofKind('ClusterRole').filter(({ metadata }) => metadata.name === role)[0]?.rules ?? [];
  const granted = rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap(group => resources.map(resource => ({ group, resource, verbs }))),
  );
  const held = REMOTE_RIGHTS.filter(right => right.where === where);
  expect(held.map(({ group, resource, verbs }) => ({ group, resource, verbs }))).toEqual(granted);
});
