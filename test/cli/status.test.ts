import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'valibot';
import { describe, expect, test } from 'vitest';
import { Interrupted } from '../../src/cli/terminal.ts';
import { Status } from '../../src/views/status.ts';
import { pagePath, renewLease, wellCluster } from '../kit/status-cluster.ts';

const remotesPage = pagePath('causeway-system', 'causeway-controller-1', '9353', '/debug/remotes');
const controllerReady = pagePath('causeway-system', 'causeway-controller-1', '9353', '/readyz');

test('of a cluster with which all is well: exit code 0', async () => {
  const cluster = await wellCluster();
  const { code, output, complaints, progress } = await cluster.run('status');
  const text = output.replace(cluster.api.url, 'SERVER');
  expect(text).toMatchInlineSnapshot(`
    "Cluster east (context east, SERVER, Kubernetes v1.34.2)
    Leading controller: causeway-controller-1

    COMPONENT   POD                    OK  SINCE                 RESTARTS  NODE    VERSION  STATE
    controller  causeway-controller-1  ✓   2026-03-01T08:00:00Z  0         node-1  0.1.0
    dns         causeway-dns-1         ✓   2026-03-01T08:00:00Z  0         node-1  0.1.0    synced, serial 7, 2 services
    coredns     coredns-1              ✓   -                     -         -       -        forwards clusterset.local

    REMOTE  CLUSTER  CONTROL PLANE  SYNCED    SERVING    SINCE                 DATA PATH  SERVICES  ENDPOINTS  NODES  LAG    CREDENTIAL ENDS
    west    west     ✓ Answering    ✓ Synced  ✓ Serving  2026-03-01T08:00:00Z  -          2         5          0      20 ms  -

    Exports: 0 conflicts, 0 invalid
    Data path: unknown (no node says whether packets get to west)

    ✓ 13 checks: 13 good
    "
  `);
  expect([code, complaints, progress]).toEqual([0, [], '']);
});

test('-o json is what the schema says', async () => {
  const cluster = await wellCluster();
  const { code, output } = await cluster.run('status -o json');
  expect(code).toBe(0);
  const status = JSON.parse(output);
  expect(parse(Status, status)).toEqual(status);
  expect(status.findings.map(({ verdict }: { verdict: string }) => verdict)).not.toContain('bad');
});

describe('exit code 1', () => {
  test('where a remote cluster is lost: which, and since when', async () => {
    const cluster = await wellCluster();
    const lost = [
      { type: 'ControlPlaneReachable', status: 'False', reason: 'NoAnswer', message: 'It gives no answer.' },
      { type: 'Synced', status: 'False', reason: 'Unreached', message: 'It cannot be read.' },
      { type: 'Serving', status: 'False', reason: 'Lost', message: 'It is silent.' },
    ];
    const dated = lost.map(one => ({ ...one, lastTransitionTime: '2026-03-01T09:00:00Z' }));
    const remotes = [{ name: 'west', services: 2, conditions: lost }];
    cluster.api.pages.set(remotesPage, { status: 200, text: JSON.stringify({ leading: true, remotes }) });
    cluster.api.load(`
apiVersion: causeway.dev/v1alpha1
kind: RemoteCluster
metadata: {name: west}
spec: {secretRef: {name: west}}
status: {clusterId: west, conditions: ${JSON.stringify(dated)}}
`);
    const { code, output } = await cluster.run('status');
    expect(code).toBe(1);
    expect(output).toContain('✗ west: Serving is False (Lost) since 2026-03-01T09:00:00Z: It is silent.\n');
  });

  test('where the controller is dead, however fresh its Lease: what it wrote is unknown', async () => {
    const cluster = await wellCluster();
    for (const path of [remotesPage, controllerReady]) cluster.api.pages.delete(path);
    const { code, output } = await cluster.run('status');
    expect(code).toBe(1);
    expect(output).toContain('Leading controller: unknown\n');
    expect(output).toMatch(
      /\n\? west: Synced is True \(Synced\) since .*: It was True when a controller last wrote it; /,
    );
    expect(output).not.toContain('✓ Synced');
  });

  test('where what may be asked is not enough to know', async () => {
    const cluster = await wellCluster();
    cluster.api.faults.add('list', { status: 403, reason: 'Forbidden' }, 9, { collection: '/pods' });
    const { code, output } = await cluster.run('status');
    expect(code).toBe(1);
    expect(output).toMatch(/\n\? causeway-dns: could not be looked at: .*Forbidden/);
  });
});

test('where the leader runs elsewhere, its Lease counts as long as it is renewed', async () => {
  const cluster = await wellCluster();
  cluster.api.pages.set(remotesPage, { status: 200, text: '{"leading": false, "remotes": []}' });
  renewLease(cluster, 'elsewhere');
  expect((await cluster.run('status')).code).toBe(0);
  renewLease(cluster, 'elsewhere', Date.now() - 16_000);
  const { code, output } = await cluster.run('status');
  expect(code).toBe(1);
  expect(output).toContain('elsewhere held the Lease and has not renewed it since');
});

test('exit code 3 where the API server gives no answer', async () => {
  const cluster = await wellCluster();
  await cluster.api.stop();
  const { code, output, complaints } = await cluster.run('status');
  expect([code, output]).toEqual([3, '']);
  expect(complaints[0]).toContain('nothing listens there');
});

describe('--wait', () => {
  test('gives up at the end of its time, with what is missing', async () => {
    const cluster = await wellCluster();
    cluster.api.pages.delete(controllerReady);
    const { code, output, progress } = await cluster.run('status --wait --wait-duration 1s');
    expect(code).toBe(1);
    expect(output).toContain('? causeway-controller-1: Kubernetes holds it for ready');
    expect(progress).toMatch(/^✗ Wait until all is well \(.* s\): it was not for 5 s on end, within 1 s\n$/);
  });
});

describe('--watch', () => {
  test('on no terminal: once the whole, then what changes', async () => {
    const cluster = await wellCluster();
    const ended = new AbortController();
    const running = cluster.run('status --watch', ended.signal);
    await sleep(1_000);
    cluster.api.pages.delete(controllerReady);
    await sleep(2_500);
    ended.abort(new Interrupted('ended by SIGINT; run it again to go on'));
    const { code, output, complaints } = await running;
    expect([code, complaints]).toEqual([0, []]);
    const [, after] = output.split(/ checks: .* good\n/);
    expect(after?.replaceAll(/^\S+ /gm, '')).toBe(
      '? causeway-controller: 0 of 1 replicas could be asked\n' +
        '? causeway-controller-1: Kubernetes holds it for ready since 2026-03-01T08:00:00Z, but it could not be asked: ' +
        `could not get ${controllerReady} at ${cluster.api.url}: 503 ServiceUnavailable: ` +
        'error trying to reach service: dial tcp: connect: connection refused\n' +
        '? 14 checks: 12 good, 2 unknown\n',
    );
  });

  test.each(['--wait', '-o json'])('does not go with %s', async flag => {
    const cluster = await wellCluster();
    expect((await cluster.run(`status --watch ${flag}`)).code).toBe(2);
  });
});
