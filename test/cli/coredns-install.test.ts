import { parse } from 'valibot';
import { describe, expect, test } from 'vitest';
import { unifiedDiff } from '../../src/corefile/diff.ts';
import { CoreDnsChange } from '../../src/views/coredns-change.ts';
import { OperatorsCluster } from '../kit/command-run.ts';
import { CoreDnsCluster, putMap, SERVICES, STANZA } from '../kit/coredns-cluster.ts';
import { corefiles } from '../kit/corefiles.ts';

const { kubeadm } = corefiles;

describe('install', () => {
  test('puts the stanza in, and says when every pod runs it', async () => {
    const dns = await CoreDnsCluster.start(kubeadm);
    const before = dns.cluster.api.store.get('/configmaps', 'kube-system', 'coredns');
    const { code, output, progress, complaints } = await dns.run('install');
    expect(output).toMatchInlineSnapshot(`
      "--- kube-system/coredns/Corefile
      +++ kube-system/coredns/Corefile
      @@ -21,3 +21,13 @@
           reload
           loadbalance
       }
      +# causeway: begin
      +# Managed: \`causeway coredns install\` writes these lines anew, \`causeway coredns remove\` takes them out.
      +clusterset.local:53 {
      +    errors
      +    forward . 10.96.0.53 {
      +        max_concurrent 1000
      +    }
      +    prometheus :9153
      +}
      +# causeway: end
      kube-system/coredns/Corefile: changed

      ✓ coredns-a: forwards clusterset.local
      ✓ coredns-b: forwards clusterset.local
      "
    `);
    expect([code, complaints]).toEqual([0, []]);
    expect(progress.replaceAll(/\(\d+\.\d s\)/g, '(0 s)')).toMatchInlineSnapshot(`
      "✓ Look at the Corefiles (0 s)
      ✓ Write the Corefiles (0 s)
      ✓ Wait until every pod runs it (0 s)
      "
    `);
    const after = dns.cluster.api.store.get('/configmaps', 'kube-system', 'coredns');
    expect({ ...after, metadata: undefined }).toEqual({
      ...before,
      data: { Corefile: kubeadm + STANZA, 'hosts.db': '10.0.0.1 gateway\n' },
      metadata: undefined,
    });
    expect(after?.metadata.labels).toEqual({ team: 'platform' });
  });

  test('-o json is what the schema says', async () => {
    const dns = await CoreDnsCluster.start(kubeadm);
    const { output } = await dns.run('install -o json');
    const printed = JSON.parse(output);
    expect(parse(CoreDnsChange, printed)).toEqual(printed);
    expect(printed).toEqual({
      context: 'east',
      zone: 'clusterset.local',
      dryRun: false,
      rolledBack: false,
      changes: [
        {
          configMap: 'kube-system/coredns',
          key: 'Corefile',
          change: 'changed',
          diff: unifiedDiff(kubeadm, kubeadm + STANZA, 'kube-system/coredns/Corefile'),
        },
      ],
      findings: ['coredns-a', 'coredns-b'].map(about => ({
        ...{ check: 'coredns.replica', about, verdict: 'good', found: 'forwards clusterset.local' },
      })),
    });
  });

  test('a second time changes nothing', async () => {
    const dns = await CoreDnsCluster.start(kubeadm);
    await dns.run('install');
    const { revision } = dns.cluster.api.store;
    const { code, output } = await dns.run('install');
    expect([code, output]).toEqual([
      0,
      `kube-system/coredns/Corefile: unchanged

✓ coredns-a: forwards clusterset.local
✓ coredns-b: forwards clusterset.local
`,
    ]);
    expect(dns.cluster.api.store.revision).toBe(revision);
  });

  test('--dry-run writes nothing', async () => {
    const dns = await CoreDnsCluster.start(kubeadm);
    const { revision } = dns.cluster.api.store;
    const { code, output } = await dns.run('install --dry-run');
    expect(code).toBe(0);
    expect(output).toContain('+    forward . 10.96.0.53 {\n');
    expect(output).toContain('kube-system/coredns/Corefile: would be changed\n');
    expect(dns.cluster.api.store.revision).toBe(revision);
  });

  test('a ClusterIP that has changed is taken over, once every pod has read it', async () => {
    const dns = await CoreDnsCluster.start(kubeadm);
    await dns.run('install');
    dns.cluster.api.load(SERVICES.replaceAll('10.96.0.53', '10.96.7.7'));
    const { code, output } = await dns.run('install');
    expect(code).toBe(0);
    expect(output).toContain('-    forward . 10.96.0.53 {\n+    forward . 10.96.7.7 {\n');
    expect(dns.text()).toBe(kubeadm + STANZA.replace('10.96.0.53', '10.96.7.7'));
  });

  test('what somebody writes at the same time stays', async () => {
    const dns = await CoreDnsCluster.start(kubeadm);
    const theirs = kubeadm.replace('cache 30', 'cache 60');
    dns.cluster.api.faults.next = withBefore(dns, 'replace', () =>
      putMap(dns.cluster, 'coredns', { Corefile: theirs }),
    );
    const { code } = await dns.run('install');
    expect([code, dns.text()]).toEqual([0, theirs + STANZA]);
  });
});

/** Has somebody else write right before the first request of this kind is answered. */
function withBefore(dns: CoreDnsCluster, verb: string, write: () => void) {
  const { faults } = dns.cluster.api;
  const next = faults.next.bind(faults);
  let done = false;
  return (asked: Parameters<typeof next>[0]) => {
    if (!done && asked.verb === verb) {
      done = true;
      write();
    }
    return next(asked);
  };
}

describe('install refuses, and writes nothing', () => {
  test.each<{ what: string; corefile: string; line?: string; code?: number; says: RegExp }>([
    {
      what: 'a Corefile that does not parse',
      corefile: '.:53 {\n    errors\n',
      says: /^kube-system\/coredns\/Corefile:\d+: found /,
    },
    {
      what: 'a zone that has a block already',
      corefile: `${kubeadm}clusterset.local {\n    forward . 10.9.9.9\n}\n`,
      says: /^kube-system\/coredns\/Corefile:\d+: found a block for clusterset.local that Causeway does not manage/,
    },
    {
      what: 'marks without an end',
      corefile: `${kubeadm}# causeway: begin\n`,
      says: /^kube-system\/coredns\/Corefile:\d+: found # causeway: begin without/,
    },
    {
      what: 'a Corefile without reload',
      corefile: kubeadm.replace('    reload\n', ''),
      says: /^kube-system\/coredns\/Corefile: found no `reload` in any block/,
    },
    {
      what: 'a ConfigMap that is not there',
      corefile: kubeadm,
      line: '--config-map dns/coredns',
      says: /^found no key Corefile in ConfigMap dns\/coredns; name it/,
    },
    {
      what: 'a namespace without the Service',
      corefile: kubeadm,
      line: '--namespace elsewhere',
      says: /^found no ClusterIP of Service elsewhere\/causeway-dns/,
    },
    { what: 'a key of no ConfigMap', corefile: kubeadm, line: '--key x', code: 2, says: /^--key: goes with/ },
  ])('$what', async ({ corefile, line = '', code = 1, says }) => {
    const dns = await CoreDnsCluster.start(corefile);
    const { revision } = dns.cluster.api.store;
    const ran = await dns.run(`install ${line}`.trim());
    expect(ran).toMatchObject({ code, output: '', complaints: [expect.stringMatching(says)] });
    expect(dns.cluster.api.store.revision).toBe(revision);
  });

  test("the Corefile of OpenShift's operator", async () => {
    const cluster = await OperatorsCluster.start();
    cluster.api.load(SERVICES);
    const metadata = { namespace: 'openshift-dns', name: 'dns-default' };
    cluster.api.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { Corefile: '.:5353 {\n}\n' } });
    const { code, complaints } = await cluster.run('coredns install');
    expect(code).toBe(1);
    expect(complaints[0]).toMatch(
      /^openshift-dns\/dns-default: found the Corefile of OpenShift's DNS operator/,
    );
  });
});
