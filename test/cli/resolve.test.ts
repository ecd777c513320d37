import { join } from 'node:path';
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Resolve } from '../../src/views/resolve.ts';
import { ApiServer } from '../kit/api-server.ts';
import { Authority } from '../kit/certificate.ts';
import { Causeway } from '../kit/daemon.ts';
import { temporaryDirectory, write } from '../kit/directory.ts';
import { base64, kubeconfig } from '../kit/kubeconfig.ts';

const PAYMENTS = 'payments.shop.svc.clusterset.local';

/** Two daemons on the sample mesh, as replicas of a cluster whose API server leads to them. */
const replicas = new Map<string, { causeway: Causeway; ports: { http: number; dns: number } }>();
beforeAll(async () => {
  for (const name of ['causeway-dns-1', 'causeway-dns-2']) {
    const causeway = Causeway.dns(['--nsid', name]);
    replicas.set(name, { causeway, ports: await causeway.ready() });
  }
}, 60_000);
afterAll(async () => {
  for (const { causeway } of replicas.values()) {
    causeway.signal('SIGKILL');
    await causeway.exit();
  }
});

function resolve(words: readonly string[], environment: Record<string, string> = {}) {
  const program = new Causeway(['resolve', ...words], environment);
  onTestFinished(() => program.signal('SIGKILL'));
  return program;
}

function portsOf(name: string): { http: number; dns: number } {
  return replicas.get(name)?.ports ?? { http: 0, dns: 0 };
}

describe('a server that is named', () => {
  const at = () => {
    const { dns, http } = portsOf('causeway-dns-1');
    return ['--server', `127.0.0.1:${dns}`, '--pages-port', `${http}`];
  };

  test('is asked over UDP, and says why', async () => {
    const { code, output, errors } = await resolve(['payments.shop', ...at()]).exit();
    expect([code, errors]).toEqual([0, '']);
    expect(output).toMatch(
      /^127\.0\.0\.1:\d+ {2}NOERROR {2}aa rd {2}udp {2}EDNS 1232 {2}[\d.]+ ms {2}NSID causeway-dns-1$/m,
    );
    expect(output).toMatch(
      /^ {2}payments\.shop\.svc\.clusterset\.local\. {2}5 {2}A {2}10\.[12]0\.0\.10 {2}(east|west)$/m,
    );
    expect(output).toContain('Why: one cluster is drawn for each query, by weight.\n');
    expect(output).toContain('east (local)  80 ');
  });

  test('is asked a thousand times: within chance, as JSON too', async () => {
    const { code, output, errors } = await resolve([
      'payments.shop',
      ...at(),
      '-n',
      '1000',
      '-o',
      'json',
    ]).exit();
    expect(errors).toMatch(/^✓ Ask 1000 times/);
    const { draws, findings } = v.parse(Resolve, JSON.parse(output));
    expect(draws).toMatchObject({
      asked: 1000,
      answered: 1000,
      unknown: 0,
      clusters: [
        { cluster: 'east', configured: 0.8 },
        { cluster: 'west', configured: expect.closeTo(0.2, 9) },
      ],
    });
    // One run in a thousand is called wrong without being so.
    expect(['within-chance', 'not-as-configured']).toContain(draws?.verdict);
    expect(code).toBe(findings.some(({ verdict }) => verdict === 'bad') ? 1 : 0);
    const east = draws?.clusters[0]?.answers ?? 0;
    expect(Math.abs(east - 800)).toBeLessThan(5 * Math.sqrt(1000 * 0.8 * 0.2));
  });

  test('that knows no such name: exit code 1, and what to do', async () => {
    const { code, output } = await resolve(['nobody.shop', ...at()]).exit();
    expect(code).toBe(1);
    expect(output).toContain(
      '✗ nobody.shop.svc.clusterset.local: NXDOMAIN: no cluster exports a service of that name\n' +
        '  → in a cluster that has it: causeway export nobody -n shop\n',
    );
  });

  test('that has no pages at --pages-port: exit code 0, and a line on why there is no why', async () => {
    const server = ['--server', `127.0.0.1:${portsOf('causeway-dns-1').dns}`];
    const { code, output } = await resolve(['payments.shop', ...server, '--pages-port', '1']).exit();
    expect(code).toBe(0);
    expect(output).not.toContain('Why:');
    expect(output).toMatch(
      /^\? 127\.0\.0\.1:\d+: does not say why: its pages at 127\.0\.0\.1:1 \(--pages-port\): connect ECONNREFUSED 127\.0\.0\.1:1$/m,
    );
    const silent = await resolve(['payments.shop', ...server, '-o', 'json']).exit();
    expect(silent.output).not.toContain('does not say why');
  });

  test('that is not there: exit code 3, one line', async () => {
    const { code, output, errors } = await resolve(['payments.shop', '--server', '127.0.0.1:1']).exit();
    expect([code, output]).toEqual([3, '']);
    expect(errors).toBe(
      `causeway: could not ask for ${PAYMENTS} A: 127.0.0.1:1: nothing listens there (connection refused); ` +
        'choose another with --server, or leave it out to ask through the API server\n',
    );
  });

  test('is watched until Ctrl-C, which ends with a summary', async () => {
    const program = resolve(['payments.shop', ...at(), '--watch']);
    await vi.waitFor(() => expect(program.output).toMatch(/ {2}east, west$/m), { timeout: 20_000 });
    await new Promise(later => setTimeout(later, 1_200));
    program.signal('SIGINT');
    const { code, output } = await program.exit();
    expect(code).toBe(0);
    expect(output).toMatch(/^Watched for \d+ s: 0 changes$/m);
    expect(output).toMatch(/: \d+ asked, 0 without an answer; /);
  });
});

describe('the replicas of a cluster, through its API server', () => {
  const authority = new Authority();

  async function cluster(names: readonly string[]): Promise<{ server: ApiServer; words: string[] }> {
    const server = await new ApiServer({ tls: authority.issue() }).start();
    onTestFinished(() => server.end());
    server.token = 'a-secret-token';
    for (const name of names) {
      server.put(podOf(name));
      const proxy = `/api/v1/namespaces/causeway-system/pods/${name}:9353/proxy`;
      server.proxied.set(proxy, `http://127.0.0.1:${portsOf(name).http}`);
    }
    const root = temporaryDirectory();
    const access = { server: server.url, 'certificate-authority-data': base64(authority.cert) };
    write(root, 'kubeconfig', kubeconfig({ cluster: access }));
    return { server, words: ['--kubeconfig', join(root, 'kubeconfig'), '--context', 'east'] };
  }

  test('each give an answer, and draw between the same', async () => {
    const { words } = await cluster(['causeway-dns-1', 'causeway-dns-2']);
    const { code, output, errors } = await resolve(['payments.shop', ...words]).exit();
    expect([code, errors]).toEqual([0, '']);
    expect(output).toMatch(/^causeway-dns-1 {2}NOERROR {2}aa rd {2}http/m);
    expect(output).toMatch(/^causeway-dns-2 {2}NOERROR {2}aa rd {2}http/m);
    expect(output).toContain(`✓ ${PAYMENTS}: an answer from each of 2 servers\n`);
  });

  test('are drawn from in turn', async () => {
    const { words } = await cluster(['causeway-dns-1', 'causeway-dns-2']);
    const { output } = await resolve(['payments.shop', ...words, '-n', '200', '-o', 'json']).exit();
    expect(v.parse(Resolve, JSON.parse(output)).draws).toMatchObject({
      asked: 200,
      answered: 200,
      unknown: 0,
    });
  });

  test('of which one cannot be reached: exit code 1', async () => {
    const { server, words } = await cluster(['causeway-dns-1']);
    server.put(podOf('causeway-dns-9'));
    const { code, output } = await resolve(['payments.shop', ...words]).exit();
    expect(code).toBe(1);
    expect(output).toMatch(/^✗ causeway-dns-9: no answer: could not get .*connection refused/m);
  });

  test('of which none is ready: exit code 3', async () => {
    const { words } = await cluster([]);
    const { code, errors } = await resolve(['payments.shop', ...words]).exit();
    expect([code, errors]).toEqual([
      3,
      'causeway: found no DNS replica that is ready in namespace causeway-system of east; causeway status says why\n',
    ]);
  });

  test('of which none can be reached: exit code 3, and what stands in the way', async () => {
    const { server, words } = await cluster([]);
    server.put(podOf('causeway-dns-9'));
    const { code, errors } = await resolve(['payments.shop', ...words]).exit();
    expect(code).toBe(3);
    expect(errors).toContain('the API server of east has to reach port 9353 of these pods');
  });

  test('CoreDNS that cannot be reached: exit code 3, and the line that asks in a pod', async () => {
    const { server, words } = await cluster(['causeway-dns-1']);
    server.load(COREDNS);
    const { code, errors } = await resolve(['payments.shop', ...words, '--via-coredns']).exit();
    expect(code).toBe(3);
    expect(errors).toBe(
      `causeway: could not ask for ${PAYMENTS} A: kube-dns 127.0.0.1:53: nothing listens there (connection refused); ` +
        'pods cannot be reached from here; ask in one: kubectl --context east run causeway-resolve --rm -i ' +
        '--restart=Never --image=registry.example/causeway:0.1.0 -- ' +
        `resolve ${PAYMENTS}. --type A --server 127.0.0.1\n`,
    );
  });

  test('no CoreDNS at all: exit code 3', async () => {
    const { words } = await cluster(['causeway-dns-1']);
    const { code, errors } = await resolve(['payments.shop', ...words, '--via-coredns']).exit();
    expect(code).toBe(3);
    expect(errors).toContain('found no CoreDNS in east: no Service and no ready pod with k8s-app=kube-dns');
  });
});

test.each([
  [
    ['payments'],
    '<name>: found "payments", must be a service and its namespace, as payments.shop, or a whole name',
  ],
  [
    ['pay_ments.shop', '--server', '127.0.0.1:1'],
    '<name>: found "pay_ments.shop", must be of letters, digits',
  ],
  [['a.b', '--server', 'dns.example'], '--server: found "dns.example", must be an IP address'],
  [
    ['a.b', '--server', '10.0.0.1', '--via-coredns'],
    '--server and --via-coredns: only one of them can be asked',
  ],
  [['a.b', '--watch', '-n', '5'], '--watch and --count: only one of them at a time'],
  [['a.b', '--type', 'AXFR'], '--type: found "AXFR", must be one of A, AAAA'],
])('%j is not understood: exit code 2', async (words, message) => {
  const { code, errors } = await resolve(words).exit();
  expect(code).toBe(2);
  expect(errors).toContain(message);
});

function podOf(name: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'causeway-system',
      labels: { 'app.kubernetes.io/name': 'causeway', 'app.kubernetes.io/component': 'dns' },
    },
    spec: { containers: [{ name: 'dns', image: 'registry.example/causeway:0.1.0' }] },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

const COREDNS = `
apiVersion: v1
kind: Service
metadata: {name: kube-dns, namespace: kube-system, labels: {k8s-app: kube-dns}}
spec: {clusterIP: 127.0.0.1, clusterIPs: [127.0.0.1]}
`;
