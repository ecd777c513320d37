import { describe, expect, test } from 'vitest';
import { operator } from '../../src/diagnose/operator.ts';
import { pair } from '../../src/diagnose/pair.ts';
import { remotes } from '../../src/diagnose/remotes.ts';
import {
  clusterOf,
  complaints,
  factsOf,
  remoteCluster,
  remoteOf,
  said,
  westOf,
} from '../kit/diagnose-facts.ts';
import { objects } from '../kit/diagnose-running.ts';

const west = (conditions: Readonly<Record<string, string>>) => ({
  value: [{ ...remoteOf(), object: remoteCluster('west', conditions) }],
});

describe('what the controller says', () => {
  test('all is well', () => {
    expect(said(remotes, factsOf())).toEqual([
      '✓ remote.controlplanereachable east → west: ControlPlaneReachable since 2026-05-31T00:00:00Z: It says so.',
      '✓ remote.synced east → west: Synced since 2026-05-31T00:00:00Z: It says so.',
      '✓ remote.serving east → west: Serving since 2026-05-31T00:00:00Z: It says so.',
    ]);
  });

  test('the cluster is lost', () => {
    const facts = factsOf(clusterOf({ remotes: west({ ControlPlaneReachable: 'False', Serving: 'False' }) }));
    expect(complaints(remotes, facts)).toEqual([
      '✗ remote.controlplanereachable east → west: ControlPlaneReachable is False since 2026-05-31T00:00:00Z (Because): It says so.',
      '✗ remote.serving east → west: Serving is False since 2026-05-31T00:00:00Z (Because): It says so.',
    ]);
  });

  test('nobody has looked', () => {
    const { status: _, ...unseen } = Object(remoteCluster('west'));
    const facts = factsOf(clusterOf({ remotes: { value: [{ ...remoteOf(), object: unseen }] } }));
    expect(complaints(remotes, facts)).toEqual(
      ['ControlPlaneReachable', 'Synced', 'Serving'].map(
        type =>
          `? remote.${type.toLowerCase()} east → west: no condition ${type}: no controller has looked at it yet`,
      ),
    );
  });

  test('of what a controller wrote nothing is known any more where nobody leads, be it good or bad', () => {
    const facts = factsOf(
      clusterOf({
        remotes: west({ Serving: 'False' }),
        replicas: { value: [] },
        objects: {
          leases: objects(`
metadata: {name: causeway-controller}
spec: {holderIdentity: causeway-controller-0, leaseDurationSeconds: 15, renewTime: '2026-06-01T11:59:00Z'}
`),
        },
      }),
    );
    const why =
      'when a controller last wrote it; causeway-controller-0 held the Lease and has not renewed it since 2026-06-01T11:59:00.000Z.';
    expect(said(remotes, facts)).toEqual([
      `? remote.controlplanereachable east → west: ControlPlaneReachable is not known: It was True ${why}`,
      `? remote.synced east → west: Synced is not known: It was True ${why}`,
      `? remote.serving east → west: Serving is not known: It was False ${why}`,
    ]);
  });

  test('there is none', () => {
    expect(said(remotes, factsOf(westOf()))).toEqual(['? remote.synced west: there are no RemoteClusters']);
  });
});

describe('the pair', () => {
  test('is told in both directions', () => {
    expect(said(pair, factsOf(clusterOf(), westOf()))).toEqual([
      '✓ pair.connected east → west: by RemoteCluster west',
      '⚠ pair.connected west → east: no RemoteCluster of the first leads to the second (east)',
    ]);
  });

  test('is known from before where the other cannot be heard now', () => {
    const remote = remoteOf({ clusterProperties: { unknown: 'no answer in time' } });
    expect(said(pair, factsOf(clusterOf({ remotes: { value: [remote] } }), westOf()))[0]).toBe(
      '✓ pair.connected east → west: by RemoteCluster west',
    );
  });

  test('is not known where the other does not say who it is', () => {
    const nameless = westOf({ objects: { clusterProperties: { value: [] } } });
    expect(said(pair, factsOf(clusterOf(), nameless))[0]).toBe(
      '? pair.connected east → west: the second does not say its id: see id.present',
    );
  });

  test('is nothing where one cluster is looked at', () => {
    expect(said(pair, factsOf())).toEqual([]);
  });
});

test('what the operator may not do, and which commands that concerns', () => {
  const rights = clusterOf().rights;
  const all = 'value' in rights ? rights.value : {};
  const lesser = { ...all, 'patch secrets in causeway-system': false };
  expect(complaints(operator, factsOf(clusterOf({ rights: { value: lesser } })))).toEqual([
    '⚠ operator.rights east: you may not patch secrets in causeway-system, which connect, disconnect cannot do without',
  ]);
  expect(said(operator, factsOf())).toEqual(['✓ operator.rights east: you may do what all commands need']);
});
