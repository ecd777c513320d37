import { describe, expect, test } from 'vitest';
import type { StatusFacts } from '../../src/health/facts.ts';
import { isWell, statusOf } from '../../src/health/status.ts';
import {
  controller,
  controllerPage,
  coreDns,
  dns,
  FORBIDDEN,
  leading,
  replicas,
  STANZA,
  stockCorefile,
  told,
  troubles,
  wellFacts,
} from '../kit/status-facts.ts';

function lasting(from: string, to: string) {
  const [credentialBegins, credentialEnds] = [from, to].map(day => `${day}T00:00:00.000Z`);
  return { credentialBegins, credentialEnds };
}

describe('what could not be looked at is unknown, and never good', () => {
  test.each<{ what: string; facts: Partial<StatusFacts>; found: string[] }>([
    {
      what: 'pods that the credential may not ask',
      facts: {
        dns: {
          wanted: { value: 1 },
          replicas: {
            value: [{ ...dns('causeway-dns-1'), readiness: FORBIDDEN, page: { unknown: FORBIDDEN.reason } }],
          },
        },
      },
      found: [
        'unknown component.dns causeway-dns: 0 of 1 replicas could be asked',
        'unknown component.dns causeway-dns-1: Kubernetes holds it for ready since 2026-03-01T08:00:00Z, but it could not be asked: 403 Forbidden',
      ],
    },
    {
      what: 'pods that may not be listed',
      facts: { dns: { wanted: { value: 1 }, replicas: { unknown: '403 Forbidden' } } },
      found: ['unknown component.dns causeway-dns: could not be looked at: 403 Forbidden'],
    },
    {
      what: 'RemoteClusters that may not be listed',
      facts: { remotes: { unknown: '403 Forbidden' } },
      found: ['unknown remotes remoteclusters: RemoteClusters could not be listed: 403 Forbidden'],
    },
    {
      what: 'a remote cluster that the leader does not know yet',
      facts: leading({ remotes: [] }),
      found: [
        'unknown remote.controlplanereachable west: ControlPlaneReachable is Unknown (NotTold): The controller has said nothing of it.',
        'unknown remote.synced west: Synced is Unknown (NotTold): The controller has said nothing of it.',
        'unknown remote.serving west: Serving is Unknown (NotTold): The controller has said nothing of it.',
      ],
    },
    {
      what: 'a replica of CoreDNS without metrics',
      facts: {
        coreDns: {
          ...wellFacts().coreDns,
          replicas: { value: [{ ...coreDns('coredns-1', []), running: { unknown: 'connection refused' } }] },
        },
      },
      found: [
        'unknown coredns.replica coredns-1: whether it forwards clusterset.local is not known: connection refused',
      ],
    },
    {
      what: 'the ClusterIP that the zone is to be forwarded to',
      facts: { coreDns: { ...wellFacts().coreDns, addresses: { unknown: '403 Forbidden' } } },
      found: [
        'unknown coredns.address causeway-dns: whether the zone is forwarded to its ClusterIP is not known: 403 Forbidden',
      ],
    },
    {
      what: 'a Corefile that may not be read',
      facts: {
        coreDns: {
          ...wellFacts().coreDns,
          places: [],
          unread: [{ namespace: 'kube-system', name: 'coredns', reason: '403 Forbidden' }],
        },
      },
      found: ['unknown coredns.corefile kube-system/coredns: could not be read: 403 Forbidden'],
    },
    {
      what: 'a cluster whose DNS is none that is known here',
      facts: {
        coreDns: {
          ...wellFacts().coreDns,
          replicas: { value: [] },
          places: [],
        },
      },
      found: [
        'unknown coredns.corefile kube-system/coredns: there is no ConfigMap with a Corefile',
        'unknown coredns.replica coredns: there is no pod with the label k8s-app=kube-dns in namespace kube-system',
      ],
    },
  ])('$what', ({ facts, found }) => {
    const status = statusOf({ ...wellFacts(), ...facts });
    expect(troubles(status)).toEqual(found);
    expect(isWell(status)).toBe(false);
  });
});

describe('a warning is told, and leaves the whole well', () => {
  test.each<{ what: string; facts: Partial<StatusFacts>; found: string }>([
    {
      what: 'replicas of two versions',
      facts: {
        dns: { wanted: { value: 1 }, replicas: { value: [dns('causeway-dns-1', { version: '0.2.0' })] } },
      },
      found: 'warning component.version causeway: replicas run different versions: 0.1.0, 0.2.0',
    },
    {
      what: 'a credential that ends soon, of whose beginning an older controller does not tell',
      facts: leading({ remotes: [told('west', { credentialEnds: '2026-03-02T11:00:00.000Z' })] }),
      found:
        'warning remote.credential west: the credential ends at 2026-03-02T11:00:00.000Z, and should have been renewed',
    },
    {
      what: 'a credential of thirty days that nobody has renewed',
      facts: leading({ remotes: [told('west', lasting('2026-02-03', '2026-03-05'))] }),
      found:
        'warning remote.credential west: the credential ends at 2026-03-05T00:00:00.000Z, and should have been renewed',
    },
    {
      what: 'a replica of CoreDNS that keeps what it is answered',
      facts: {
        coreDns: {
          ...wellFacts().coreDns,
          replicas: { value: [coreDns('coredns-1', ['clusterset.local'], ['forward', 'cache'])] },
        },
      },
      found: 'warning coredns.replica coredns-1: forwards clusterset.local, and keeps answers in a cache',
    },
    {
      what: 'changes that are not written for long',
      facts: leading({ remotes: [told('west', { lag: { waiting: 3, longest: 61_000 } })] }),
      found: 'warning remote.lag west: what was heard of it more than 10 s ago is not written yet',
    },
    {
      what: 'conflicts',
      facts: replicas({
        ...controller('causeway-controller-1', { value: controllerPage() }),
        conflicts: {
          value: {
            conflicts: [
              {
                namespace: 'shop',
                name: 'payments',
                reason: 'PortConflict',
                message: 'spec.ports: 1 of 2 exports differ',
              },
            ],
            invalidExports: [],
          },
        },
      }),
      found: 'warning exports.conflict exports: 1 conflict: shop/payments: spec.ports: 1 of 2 exports differ',
    },
    {
      what: 'a valid export that no cluster gets',
      facts: replicas({
        ...controller('causeway-controller-1', { value: controllerPage() }),
        conflicts: {
          value: {
            conflicts: [],
            invalidExports: [],
            unreadyExports: [
              {
                namespace: 'shop',
                name: 'payments',
                reason: 'Failed',
                message: 'causeway.dev/export-to is no label selector',
              },
            ],
          },
        },
      }),
      found:
        'warning exports.unready exports: 1 unready export: shop/payments: causeway.dev/export-to is no label selector',
    },
    {
      what: 'a Corefile that does not reload',
      facts: {
        coreDns: {
          ...wellFacts().coreDns,
          places: stockCorefile(STANZA.replace('    reload\n', '')),
        },
      },
      found:
        'warning coredns.reload-missing kube-system/coredns: Corefile line 1: no reload in any block: CoreDNS does not see changes by itself: restart its pods after each',
    },
  ])('$what', ({ facts, found }) => {
    const status = statusOf({ ...wellFacts(), ...facts });
    expect(troubles(status)).toEqual([found]);
    expect(isWell(status)).toBe(true);
  });
});

test('the zone is the one that the daemons serve', () => {
  const facts = {
    ...wellFacts(),
    dns: { wanted: { value: 1 }, replicas: { value: [dns('a', { zone: 'mesh.test' })] } },
  };
  expect(statusOf(facts).coreDns).toEqual({
    zone: 'mesh.test',
    replicas: [{ pod: 'coredns-1', stanza: 'absent' }],
  });
});
