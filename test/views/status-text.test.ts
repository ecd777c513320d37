import { parse } from 'valibot';
import { expect, test } from 'vitest';
import { statusOf } from '../../src/health/status.ts';
import { COLOURED, PLAIN } from '../../src/terminal/style.ts';
import { Status } from '../../src/views/status.ts';
import { statusText } from '../../src/views/status-text.ts';
import {
  conditions,
  controller,
  controllerPage,
  coreDns,
  dns,
  FORBIDDEN,
  leading,
  remote,
  told,
  wellFacts,
} from '../kit/status-facts.ts';

const lost = conditions({
  ControlPlaneReachable: 'False NoAnswer: The API server gives no answer.',
  Serving: 'False Lost: Silent for 15 s.',
});

/** One remote cluster is lost, one daemon is behind, one replica of CoreDNS runs with an old Corefile. */
function troubled(): Status {
  const facts = wellFacts();
  const page = controllerPage({
    queue: { ready: 1, running: 1, delayed: 0, failing: 1 },
    remotes: [
      told('north', { lag: { waiting: 0 }, credentialEnds: undefined }),
      told('west', { conditions: lost }),
    ],
  });
  return statusOf({
    ...facts,
    controller: {
      wanted: { value: 1 },
      replicas: { value: [controller('causeway-controller-1', { value: page })] },
    },
    dns: {
      wanted: { value: 1 },
      replicas: { value: [dns('causeway-dns-1', { stale: true, since: '2026-03-01T11:00:00.000Z' })] },
    },
    coreDns: {
      ...facts.coreDns,
      replicas: { value: [coreDns('coredns-1', ['.', 'clusterset.local']), coreDns('coredns-2', ['.'])] },
    },
    remotes: { value: [remote('north'), remote('west', lost)] },
  });
}

test('a cluster with which all is well', () => {
  expect(statusText(statusOf(wellFacts()), PLAIN)).toMatchInlineSnapshot(`
    "Cluster east of cluster set prod (context kind-east, https://10.1.0.1:6443, Kubernetes v1.34.2)
    Leading controller: causeway-controller-1, 0 services to write, 0 of them failing

    COMPONENT   POD                    OK  SINCE                 RESTARTS  NODE    VERSION  STATE
    controller  causeway-controller-1  ✓   2026-03-01T08:00:00Z  0         node-1  0.1.0
    controller  causeway-controller-2  ✓   2026-03-01T08:00:00Z  0         node-1  0.1.0
    dns         causeway-dns-1         ✓   2026-03-01T08:00:00Z  0         node-2  0.1.0    synced, serial 7, 12 services
    dns         causeway-dns-2         ✓   2026-03-01T08:00:00Z  0         node-2  0.1.0    synced, serial 7, 12 services
    coredns     coredns-1              ✓   -                     -         -       -        forwards clusterset.local

    REMOTE  CLUSTER  CONTROL PLANE  SYNCED    SERVING    SINCE                 DATA PATH  SERVICES  ENDPOINTS  NODES  LAG    CREDENTIAL ENDS
    west    west     ✓ Answering    ✓ Synced  ✓ Serving  2026-03-01T08:00:00Z  -          2         5          0      34 ms  2026-03-25T00:00:00.000Z

    Exports: 0 conflicts, 0 invalid, 0 not ready, 0 partly ignored
    Data path: unknown (no node says whether packets get to west)

    ✓ 17 checks: 17 good
    "
  `);
});

test('with a line on the routes to each cluster of which nodes say something', () => {
  const tunnels = { answering: 2, silent: 1 };
  const routes = { nodes: 3, modes: { vxlan: 4, wireguard: 2 }, tunnels, short: 1 };
  const example = { node: 'node-2', why: 'NoWay: no key' };
  const none = { nodes: 1, modes: {}, tunnels: { answering: 0, silent: 0 }, short: 0 };
  const session = { node: 'node-1', neighbor: '192.168.9.1', state: 'Down' };
  const spoken = { ...none, modes: { bgp: 1 }, sessions: { established: 1, others: 1, example: session } };
  const page = {
    remotes: [
      told('north', { routes: none }),
      told('south'),
      told('southwest', { routes: spoken }),
      told('west', { routes: { ...routes, example } }),
    ],
  };
  const remotes = { value: ['north', 'south', 'southwest', 'west'].map(name => remote(name)) };
  const status = statusOf({ ...wellFacts(), ...leading(page), remotes });
  expect(statusText(status, PLAIN).split('\n\n').slice(-2).join('\n\n')).toMatchInlineSnapshot(`
    "Exports: 0 conflicts, 0 invalid, 0 not ready, 0 partly ignored
    Data path: unknown (no node says whether packets get to north, south, southwest, west)
    Routes to north: none, from 1 node
    Routes to southwest: bgp 1 (1 of 2 BGP sessions not established), from 1 node
    Routes to west: vxlan 4, wireguard 2 (1 of 3 tunnels silent), from 3 nodes

    ⚠ southwest: 1 of 2 BGP sessions for its nodes not established; node-1 with 192.168.9.1: Down
      → see /debug/bgp of the agent on that node, and whether TCP gets from there to the neighbor
    ⚠ west: no routes to all of its nodes from 1 of 3 nodes; node-2: NoWay: no key
      → see \`causeway get nodes\`
    ⚠ 33 checks: 31 good, 2 warning
    "
  `);
  expect(parse(Status, JSON.parse(JSON.stringify(status)))).toEqual(status);
});

test('a cluster in trouble', () => {
  expect(statusText(troubled(), PLAIN)).toMatchInlineSnapshot(`
    "Cluster east of cluster set prod (context kind-east, https://10.1.0.1:6443, Kubernetes v1.34.2)
    Leading controller: causeway-controller-1, 2 services to write, 1 of them failing

    COMPONENT   POD                    OK  SINCE                 RESTARTS  NODE    VERSION  STATE
    controller  causeway-controller-1  ✓   2026-03-01T08:00:00Z  0         node-1  0.1.0
    dns         causeway-dns-1         ✓   2026-03-01T08:00:00Z  0         node-2  0.1.0    stale since 2026-03-01T11:00:00.000Z, serial 7, 12 services
    coredns     coredns-1              ✓   -                     -         -       -        forwards clusterset.local
    coredns     coredns-2              ✗   -                     -         -       -        stanza absent

    REMOTE  CLUSTER  CONTROL PLANE  SYNCED    SERVING    SINCE                 DATA PATH  SERVICES  ENDPOINTS  NODES  LAG    CREDENTIAL ENDS
    north   north    ✓ Answering    ✓ Synced  ✓ Serving  2026-03-01T08:00:00Z  -          2         5          0      -      -
    west    west     ✗ NoAnswer     ✓ Synced  ✗ Lost     2026-03-01T08:00:00Z  -          2         5          0      34 ms  2026-03-25T00:00:00.000Z

    Exports: 0 conflicts, 0 invalid, 0 not ready, 0 partly ignored
    Data path: unknown (no node says whether packets get to north, west)

    ✗ causeway-dns-1: hears nothing from the API server since 2026-03-01T11:00:00.000Z, and serves what it knew then
      → see kubectl -n causeway-system logs causeway-dns-1
    ✗ coredns-2: runs without the stanza, and does not forward clusterset.local
      → it still runs with an old Corefile; see \`kubectl -n kube-system logs coredns-2\`, and delete the pod to have it read anew
    ✗ west: ControlPlaneReachable is False (NoAnswer) since 2026-03-01T08:00:00Z: The API server gives no answer.
    ✗ west: Serving is False (Lost) since 2026-03-01T08:00:00Z: Silent for 15 s.
    ✗ 20 checks: 16 good, 4 bad
    "
  `);
});

test('without remote clusters, and with nobody to ask about exports', () => {
  const facts = wellFacts();
  const nobody = { wanted: { value: 0 }, replicas: { value: [] } };
  const status = statusOf({
    ...facts,
    remotes: { value: [] },
    controller: nobody,
    lease: { value: undefined },
  });
  expect(statusText(status, PLAIN)).toMatchInlineSnapshot(`
    "Cluster east of cluster set prod (context kind-east, https://10.1.0.1:6443, Kubernetes v1.34.2)
    Leading controller: unknown

    COMPONENT  POD             OK  SINCE                 RESTARTS  NODE    VERSION  STATE
    dns        causeway-dns-1  ✓   2026-03-01T08:00:00Z  0         node-2  0.1.0    synced, serial 7, 12 services
    dns        causeway-dns-2  ✓   2026-03-01T08:00:00Z  0         node-2  0.1.0    synced, serial 7, 12 services
    coredns    coredns-1       ✓   -                     -         -       -        forwards clusterset.local

    No RemoteClusters: this cluster imports from no other. Connect one with \`causeway connect\`.

    Exports: unknown
    Data path: unknown (no cluster is routed to)

    ✗ causeway-controller: 0 of 0 replicas are ready
      → it is scaled to 0; bring it back with causeway enable, or kubectl -n causeway-system scale deployment causeway-controller --replicas 2
    ? causeway-controller: nobody is known to lead, so what is said of other clusters is as it was last written: no controller holds the Lease
      → see the controller's pods and their logs
    ✗ 9 checks: 7 good, 1 bad, 1 unknown
    "
  `);
});

test('what may not be asked is shown as unknown, and not as broken', () => {
  const unasked = { ...dns('causeway-dns-1'), readiness: FORBIDDEN, page: { unknown: FORBIDDEN.reason } };
  const status = statusOf({
    ...wellFacts(),
    id: { unknown: FORBIDDEN.reason },
    dns: { wanted: { value: 1 }, replicas: { value: [unasked] } },
  });
  const text = statusText(status, PLAIN);
  expect(text).toMatch(/^Cluster of unknown id of cluster set prod /);
  expect(text).toMatch(/\ndns +causeway-dns-1 +\? /);
  expect(text).toContain('\n? causeway-dns: 0 of 1 replicas could be asked\n');
  expect(parse(Status, JSON.parse(JSON.stringify(status)))).toEqual(status);
});

test('a cluster without an id is called that', () => {
  const status = statusOf({ ...wellFacts(), id: { value: undefined } });
  expect(statusText(status, PLAIN)).toMatch(/^Cluster without id of cluster set prod /);
});

test('is coloured by its verdicts', () => {
  expect(statusText(troubled(), COLOURED)).toContain('\u001b[31m✗\u001b[0m Lost');
});

test('is what the schema says, and no more', () => {
  const status = troubled();
  expect(parse(Status, JSON.parse(JSON.stringify(status)))).toEqual(status);
});

test('remote clusters that could not be listed are not called none', () => {
  const status = statusOf({ ...wellFacts(), remotes: { unknown: 'could not list remoteclusters' } });
  const text = statusText(status, PLAIN);
  expect(text).toContain('\nRemoteClusters: unknown\n');
  expect(text).not.toContain('imports from no other');
});
