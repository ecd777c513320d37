import { expect, test } from 'vitest';
import { credential } from '../../src/diagnose/credential.ts';
import type { CredentialFacts, Rule } from '../../src/diagnose/facts.ts';
import {
  accessOf,
  answers,
  at,
  clusterOf,
  complaints,
  factsOf,
  grantedRules,
  remoteOf,
  said,
} from '../kit/diagnose-facts.ts';

function withRemote(change: Parameters<typeof remoteOf>[0]) {
  return factsOf(clusterOf({ remotes: { value: [remoteOf(change)] } }));
}

test('the credential that deploy/remote-reader gives', () => {
  expect(said(credential, factsOf())).toEqual([
    '✓ credential.kubeconfig east → west: it leads to https://api.west.example.com:6443',
    '✓ credential.expiry east → west: the token is valid for 17 days more, until 2026-06-19T00:00:00.000Z',
    '✓ credential.enough east → west: it may read what is published for this cluster',
    '✓ credential.narrow east → west: it may do nothing else',
  ]);
});

const LIVES: { life: string; found: CredentialFacts['life']; line: string }[] = [
  {
    life: 'over',
    found: { value: { from: at('2026-05-01T00:00:00Z'), to: at('2026-05-31T00:00:00Z') } },
    line: '✗ credential.expiry east → west: the token ended at 2026-05-31T00:00:00.000Z',
  },
  {
    life: 'in its last sixth: the controller should have renewed it',
    found: { value: { from: at('2026-06-01T00:00:00Z'), to: at('2026-06-01T14:00:00Z') } },
    line: '⚠ credential.expiry east → west: the token ends in 2 hours, at 2026-06-01T14:00:00.000Z',
  },
  {
    life: 'in its last third: the controller is about to renew it',
    found: { value: { from: at('2026-06-01T00:00:00Z'), to: at('2026-06-01T15:00:00Z') } },
    line: '✓ credential.expiry east → west: the token is valid for 3 hours more, until 2026-06-01T15:00:00.000Z',
  },
  {
    life: 'without an end',
    found: { value: undefined },
    line: '⚠ credential.expiry east → west: the token has no end',
  },
  {
    life: 'untold',
    found: { unknown: 'it does not say when it ends' },
    line: '? credential.expiry east → west: it does not say when it ends',
  },
];

test.each(LIVES)('a life that is $life', ({ found, line }) => {
  const facts = withRemote({ credential: { ...accessOf().credential, life: found } });
  expect(said(credential, facts)[1]).toBe(line);
});

const rules = (...more: readonly Rule[]) => ({
  value: grantedRules().map(one => ({ ...one, rules: [...one.rules, ...more] })),
});

test.each([
  {
    case: 'nothing of it',
    rights: {
      answers: { value: answers({ 'list exportedservices.causeway.dev in causeway-exports': false }) },
      rules: { value: [] },
    },
    lines: [
      '✗ credential.enough east → west: it may not list exportedservices.causeway.dev in causeway-exports',
    ],
  },
  {
    case: "an administrator's",
    rights: {
      answers: { value: answers({ '* *.*': true, 'list secrets': true }) },
      rules: rules({ groups: ['*'], resources: ['*'], verbs: ['*'] }),
    },
    lines: [
      '✗ credential.narrow east → west: it may do more than read what is published: * *.*; list secrets; *.*: * everywhere',
    ],
  },
  {
    case: 'a writing one',
    rights: {
      answers: { value: answers() },
      rules: rules({ groups: ['causeway.dev'], resources: ['exportedservices'], verbs: ['list', 'delete'] }),
    },
    lines: [
      '✗ credential.narrow east → west: it may do more than read what is published: exportedservices.causeway.dev: delete in causeway-exports, causeway-exports-east; exportedservices.causeway.dev: list delete everywhere',
    ],
  },
  {
    case: 'one that renews itself, which it may, and another',
    rights: {
      answers: { value: answers() },
      rules: {
        value: [
          {
            namespace: 'causeway-exports-east',
            incomplete: false,
            rules: [
              { groups: [''], resources: ['serviceaccounts/token'], verbs: ['create'], names: ['east'] },
              { groups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
            ],
          },
        ],
      },
    },
    lines: [
      '✗ credential.narrow east → west: it may do more than read what is published: serviceaccounts/token: create in causeway-exports-east',
    ],
  },
  {
    case: 'one that also reads what tells nothing',
    rights: {
      answers: { value: answers() },
      rules: rules({ groups: ['apps'], resources: ['deployments'], verbs: ['get'] }),
    },
    lines: ['⚠ credential.narrow east → west: it may also read deployments.apps: get everywhere'],
  },
  {
    case: 'one whose rules the API server does not know all of',
    rights: {
      answers: { value: answers() },
      rules: { value: [{ namespace: 'default', incomplete: true, rules: [] }] },
    },
    lines: [
      '? credential.narrow east → west: nothing too powerful was found, but the API server does not know all that it grants',
    ],
  },
  {
    case: 'one that cannot be asked for',
    rights: { answers: { unknown: 'no answer in time' }, rules: { unknown: 'no answer in time' } },
    lines: [
      '? credential.enough east → west: no answer in time',
      '? credential.narrow east → west: no answer in time',
    ],
  },
])('rights: $case', ({ rights, lines }) => {
  expect(complaints(credential, withRemote({ rights }))).toEqual(lines);
});

test('a Secret that cannot be used', () => {
  const remote = { ...remoteOf(), access: { failed: 'there is no Secret causeway-system/west' } };
  expect(said(credential, factsOf(clusterOf({ remotes: { value: [remote] } })))).toEqual([
    '✗ credential.kubeconfig east → west: there is nothing to connect with: there is no Secret causeway-system/west',
  ]);
});
