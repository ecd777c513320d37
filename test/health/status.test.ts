import { describe, expect, test } from 'vitest';
import type { StatusFacts } from '../../src/health/facts.ts';
import { isWell, statusOf } from '../../src/health/status.ts';
import {
  conditions,
  controller,
  controllerPage,
  coreDns,
  dns,
  leading,
  pod,
  remote,
  SILENT,
  stockCorefile,
  told,
  troubles,
  wellFacts,
} from '../kit/status-facts.ts';

const down = pod('causeway-dns-1', { ready: false, since: '2026-03-01T11:59:00Z' });

const lost = conditions({
  ControlPlaneReachable: 'False NoAnswer: no answer',
  Serving: 'False Lost: silent',
});

test('a cluster with which all is well is good throughout', () => {
  const status = statusOf(wellFacts());
  expect(troubles(status)).toEqual([]);
  expect(isWell(status)).toBe(true);
  expect(status.findings.map(({ check }) => check)).toEqual([
    'cluster.id',
    'component.controller',
    'component.dns',
    'component.version',
    'controller.leader',
    'dns.synced',
    'dns.synced',
    'coredns.stanza-by-hand',
    'coredns.replica',
    'remote.controlplanereachable',
    'remote.synced',
    'remote.serving',
    'remote.credential',
    'exports.conflict',
    'exports.invalid',
    'exports.unready',
    'exports.ignored',
  ]);
});

describe('what is wrong is said, and makes the whole not well', () => {
  test.each<{ what: string; facts: Partial<StatusFacts>; found: string[] }>([
    {
      what: 'no id',
      facts: { id: { value: undefined } },
      found: [
        'bad cluster.id cluster.clusterset.k8s.io: this cluster has no id (there is no such ClusterProperty)',
      ],
    },
    {
      what: 'an id that was changed while it was in use',
      facts: {
        controller: {
          wanted: { value: 1 },
          replicas: {
            value: [controller('causeway-controller-1', { value: controllerPage({ cluster: 'orient' }) })],
          },
        },
      },
      found: [
        'bad cluster.id cluster.clusterset.k8s.io: it says east now, and the controller works as orient, by which the other clusters know this one',
      ],
    },
    {
      what: 'a namespace that is being removed',
      facts: { lostNamespaces: { value: ['causeway-exports is being removed'] } },
      found: ['bad namespaces namespaces: causeway-exports is being removed'],
    },
    {
      what: 'nothing installed',
      facts: {
        dns: { wanted: { value: undefined }, replicas: { value: [] } },
      },
      found: [
        'bad component.dns causeway-dns: there is no Deployment causeway-dns in namespace causeway-system',
      ],
    },
    {
      what: 'a replica missing',
      facts: { dns: { wanted: { value: 2 }, replicas: { value: [dns('causeway-dns-1')] } } },
      found: ['bad component.dns causeway-dns: 1 of 2 replicas are ready'],
    },
    {
      what: 'a pod that is not ready',
      facts: {
        dns: {
          wanted: { value: 1 },
          replicas: { value: [{ pod: down, readiness: SILENT, page: { unknown: 'connection refused' } }] },
        },
      },
      found: [
        'bad component.dns causeway-dns: 0 of 1 replicas are ready',
        'bad component.dns causeway-dns-1: is not ready since 2026-03-01T11:59:00Z; it could not be asked: connection refused',
      ],
    },
    {
      what: 'a daemon that says that it is not ready, whatever Kubernetes says',
      facts: {
        dns: {
          wanted: { value: 1 },
          replicas: {
            value: [
              {
                ...dns('causeway-dns-1'),
                readiness: { answered: true, status: 503, text: 'not ready: stopping\n' },
              },
            ],
          },
        },
      },
      found: [
        'bad component.dns causeway-dns: 0 of 1 replicas are ready',
        'bad component.dns causeway-dns-1: is not ready; it says 503: not ready: stopping',
      ],
    },
    {
      what: 'a daemon that serves what it knew once',
      facts: {
        dns: {
          wanted: { value: 1 },
          replicas: { value: [dns('causeway-dns-1', { stale: true, since: '2026-03-01T11:00:00.000Z' })] },
        },
      },
      found: [
        'bad dns.synced causeway-dns-1: hears nothing from the API server since 2026-03-01T11:00:00.000Z, and serves what it knew then',
      ],
    },
    {
      what: 'a daemon that takes the cluster for another',
      facts: {
        dns: { wanted: { value: 1 }, replicas: { value: [dns('causeway-dns-1', { localCluster: 'old' })] } },
      },
      found: ['bad dns.synced causeway-dns-1: takes this cluster for old, not east'],
    },
    {
      what: 'a remote cluster that is lost',
      facts: {
        ...leading({ remotes: [told('west', { conditions: lost })] }),
        remotes: { value: [remote('west', lost)] },
      },
      found: [
        'bad remote.controlplanereachable west: ControlPlaneReachable is False (NoAnswer) since 2026-03-01T08:00:00Z: no answer',
        'bad remote.serving west: Serving is False (Lost) since 2026-03-01T08:00:00Z: silent',
      ],
    },
    {
      what: 'a remote cluster that was lost just now, which is not written yet',
      facts: leading({ remotes: [told('west', { conditions: lost })] }),
      found: [
        'bad remote.controlplanereachable west: ControlPlaneReachable is False (NoAnswer): no answer',
        'bad remote.serving west: Serving is False (Lost): silent',
      ],
    },
    {
      what: 'a credential that has ended',
      facts: leading({ remotes: [told('west', { credentialEnds: '2026-03-01T11:00:00.000Z' })] }),
      found: ['bad remote.credential west: the credential ended at 2026-03-01T11:00:00.000Z'],
    },
    {
      what: 'a Corefile without the stanza',
      facts: {
        coreDns: {
          ...wellFacts().coreDns,
          places: stockCorefile('.:53 {\n    reload\n}\n'),
          replicas: { value: [coreDns('coredns-1', ['.'])] },
        },
      },
      found: [
        'bad coredns.stanza-missing kube-system/coredns: Corefile line 1: clusterset.local answered by .:53: questions for the zone never reach Causeway: install the stanza',
        'bad coredns.replica coredns-1: runs without the stanza, and does not forward clusterset.local',
      ],
    },
    {
      what: 'one replica of CoreDNS that still runs without the stanza',
      facts: {
        coreDns: {
          ...wellFacts().coreDns,
          replicas: { value: [coreDns('coredns-1', ['.', 'clusterset.local']), coreDns('coredns-2', ['.'])] },
        },
      },
      found: [
        'bad coredns.replica coredns-2: runs without the stanza, and does not forward clusterset.local',
      ],
    },
    {
      what: 'a stanza with an address that is nobody’s any more',
      facts: { coreDns: { ...wellFacts().coreDns, addresses: { value: ['10.96.7.7'] } } },
      found: [expect.stringMatching(/^bad coredns.forward-stale kube-system\/coredns: Corefile line 8: /)],
    },
    {
      what: 'a stanza, and no Service of Causeway',
      facts: { coreDns: { ...wellFacts().coreDns, addresses: { value: [] } } },
      found: [
        'bad coredns.forward-stale kube-system/coredns: Corefile line 8: forward to 10.96.0.53: there is no Service of Causeway: questions go where nobody answers, or somebody else',
      ],
    },
  ])('$what', ({ facts, found }) => {
    const status = statusOf({ ...wellFacts(), ...facts });
    expect(troubles(status)).toEqual(found);
    expect(isWell(status)).toBe(false);
  });
});

test.each([
  {
    row: 'with one that is named',
    example: { node: 'node-1', neighbor: '192.168.9.1', state: 'Down' },
    named: '; node-1 with 192.168.9.1: Down',
  },
  { row: 'with none that is named', named: '' },
])('BGP sessions that are not established are warned of, $row', ({ example, named }) => {
  const sessions = { established: 0, others: 3, ...(example && { example }) };
  const routes = { nodes: 1, modes: {}, tunnels: { answering: 0, silent: 0 }, sessions, short: 0 };
  const status = statusOf({ ...wellFacts(), ...leading({ remotes: [told('west', { routes })] }) });
  expect(troubles(status)).toEqual([
    `warning remote.sessions west: 3 of 3 BGP sessions for its nodes not established${named}`,
  ]);
  expect(isWell(status)).toBe(true);
});
