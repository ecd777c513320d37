import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Interrupted } from '../../src/cli/terminal.ts';
import { CoreDnsCluster, putMap, STANZA } from '../kit/coredns-cluster.ts';
import { CoreDnsPodInMemory, type Temper } from '../kit/coredns-pods.ts';
import { corefiles } from '../kit/corefiles.ts';

const { kubeadm } = corefiles;

describe('install, where a pod does not take it up', () => {
  test.each<{ what: string; temper: Temper; says: string }>([
    {
      what: 'it refuses the text',
      temper: 'refuses',
      says: '✗ coredns-b: does not take up the new Corefile, and goes on with the old one',
    },
    { what: 'it ends with it', temper: 'crashes', says: '✗ coredns-b: ends with the new Corefile' },
    { what: 'it does not see it in time', temper: 'sleeps', says: '✗ coredns-b: runs without the stanza' },
  ])('$what: the former text is back, to the octet', async ({ temper, says }) => {
    const dns = await CoreDnsCluster.start(kubeadm, ['reloads', temper]);
    const { code, output, complaints } = await dns.run('install --wait-duration 1s');
    expect([code, complaints, dns.text()]).toEqual([1, [], kubeadm]);
    expect(output).toContain(says);
    expect(output).toContain('kube-system/coredns/Corefile: changed, and put back as it was\n');
    expect(output).toContain(
      '✗ kube-system/coredns/Corefile: the former text is back, because not every pod took up the new one\n',
    );
  });

  test('what it says, in full', async () => {
    const dns = await CoreDnsCluster.start(kubeadm, ['reloads', 'refuses']);
    const log = '/api/v1/namespaces/kube-system/pods/coredns-b/log?tailLines=200';
    const complaint = '[ERROR] plugin/reload: Corefile changed but reload failed: Unknown directive';
    dns.cluster.api.pages.set(log, {
      status: 200,
      text: `[INFO] plugin/reload: fine\n${complaint}\n[INFO] x\n`,
    });
    const { output, progress } = await dns.run('install');
    expect(output.slice(output.indexOf('kube-system/coredns/Corefile: '))).toMatchInlineSnapshot(`
      "kube-system/coredns/Corefile: changed, and put back as it was

      ✗ coredns-b: does not take up the new Corefile, and goes on with the old one: [ERROR] plugin/reload: Corefile changed but reload failed: Unknown directive
        → see kubectl -n kube-system logs coredns-b
      ✗ kube-system/coredns/Corefile: the former text is back, because not every pod took up the new one
        → mend what its pods say, and run this again
      "
    `);
    expect(progress.replaceAll(/\(\d+\.\d s\)/g, '(0 s)')).toMatchInlineSnapshot(`
      "✓ Look at the Corefiles (0 s)
      ✓ Write the Corefiles (0 s)
      ✗ Wait until every pod runs it (0 s): coredns-b does not take up the new Corefile, and goes on with the old one: [ERROR] plugin/reload: Corefile changed but reload failed: Unknown directive
      ✓ Put the former Corefiles back (0 s)
      ✓ Wait until every pod runs as before (0 s)
      "
    `);
  });

  test('what somebody wrote in between stays, without our lines', async () => {
    const dns = await CoreDnsCluster.start(kubeadm, ['reloads', 'sleeps']);
    const running = dns.run('install --wait-duration 2s');
    await expect.poll(() => dns.text()).toContain('causeway: begin');
    putMap(dns.cluster, 'coredns', { Corefile: `${dns.text()}broken.example {\n    nosuch\n}\n` });
    expect(await running).toMatchObject({ code: 1 });
    expect(dns.text()).toBe(`${kubeadm}broken.example {\n    nosuch\n}\n`);
  });

  test('a pod that does not tell: the new text stays, and it is said that nothing is known', async () => {
    const dns = await CoreDnsCluster.start(kubeadm, ['sleeps']);
    dns.cluster.api.pages.clear();
    const { code, output } = await dns.run('install --wait-duration 1s');
    expect([code, dns.text()]).toEqual([1, kubeadm + STANZA]);
    expect(output).toContain('? coredns-a: does not tell: ');
  });

  test('an API server that restarts meanwhile is waited for', async () => {
    const dns = await CoreDnsCluster.start(kubeadm, ['sleeps']);
    const running = dns.run('install --wait-duration 3s');
    await expect.poll(() => dns.text()).toContain('causeway: begin');
    await dns.cluster.api.stop();
    await sleep(1_200);
    await dns.cluster.api.start();
    expect(await running).toMatchObject({ code: 1, complaints: [] });
    expect(dns.text()).toBe(kubeadm);
  });

  test('where the former text cannot be put back, it says so', async () => {
    const dns = await CoreDnsCluster.start(kubeadm, ['sleeps']);
    const running = dns.run('install --wait-duration 2s');
    await expect.poll(() => dns.text()).toContain('causeway: begin');
    dns.cluster.api.faults.add('replace', { status: 403, reason: 'Forbidden' });
    const { code, output } = await running;
    expect([code, dns.text()]).toEqual([1, kubeadm + STANZA]);
    expect(output).toContain('kube-system/coredns/Corefile: changed\n');
    expect(output).toContain(
      '✗ kube-system/coredns/Corefile: the new text is still there, and could not be taken back: could not replace',
    );
  });

  test('Ctrl-C leaves the new text whole, and another run goes on from there', async () => {
    const dns = await CoreDnsCluster.start(kubeadm, ['sleeps']);
    const ended = new AbortController();
    const running = dns.cluster.run('coredns install', ended.signal);
    await expect.poll(() => dns.text()).toBe(kubeadm + STANZA);
    ended.abort(new Interrupted('ended by SIGINT; run it again to go on'));
    expect(await running).toMatchObject({ code: 130, output: '' });
    expect(dns.text()).toBe(kubeadm + STANZA);
    const again = await dns.run('install --wait-duration 1s');
    expect(again).toMatchObject({
      code: 1,
      output: expect.stringContaining('✗ coredns-a: runs without the stanza'),
    });
    expect(dns.text()).toBe(kubeadm + STANZA);
  });

  test('with --wait-duration 0s nobody waits', async () => {
    const dns = await CoreDnsCluster.start(kubeadm, ['refuses']);
    expect(await dns.run('install --wait-duration 0s')).toMatchObject({ code: 0 });
    expect(dns.text()).toBe(kubeadm + STANZA);
  });
});

test('without reload, --restart has the pods started anew', async () => {
  const text = kubeadm.replace('    reload\n', '');
  const dns = await CoreDnsCluster.start(text);
  const labels = { 'k8s-app': 'kube-dns' };
  const spec = {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [] } },
  };
  for (const [name, app] of [
    ['coredns', 'kube-dns'],
    ['metrics-server', 'metrics'],
  ]) {
    const selector = { matchLabels: { 'k8s-app': app } };
    dns.cluster.api.put({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: 'kube-system', name },
      spec: { ...spec, selector },
    });
  }
  const { code, output } = await dns.run('install --restart');
  expect([code, output.split('\n').slice(-3)]).toEqual([
    0,
    ['✓ coredns-a: forwards clusterset.local', '✓ coredns-b: forwards clusterset.local', ''],
  ]);
  const restarted = (name: string) =>
    Object(dns.cluster.api.store.get('apps/deployments', 'kube-system', name)?.['spec']).template.metadata;
  expect(restarted('coredns')).toMatchObject({
    labels,
    annotations: { 'kubectl.kubernetes.io/restartedAt': expect.any(String) },
  });
  expect(restarted('metrics-server').annotations).toBeUndefined();
});

test('a NodeLocal DNSCache without pods is edited, and nobody claims that it runs', async () => {
  const dns = await CoreDnsCluster.start(kubeadm);
  putMap(dns.cluster, 'node-local-dns', { Corefile: corefiles.nodeLocal });
  const { code, output } = await dns.run('install --wait-duration 1s');
  expect(code).toBe(1);
  expect(output).toContain(
    '? coredns: there is no pod with the label k8s-app=node-local-dns in namespace kube-system\n',
  );
  expect(dns.text('node-local-dns')).toContain('causeway: begin');
});

test('NodeLocal DNSCache is edited as well, and put back with CoreDNS', async () => {
  const dns = await CoreDnsCluster.start(kubeadm);
  putMap(dns.cluster, 'node-local-dns', { Corefile: corefiles.nodeLocal });
  const cache = new CoreDnsPodInMemory(dns.cluster.api, { name: 'node-local-dns-a', map: 'node-local-dns' });
  expect(await dns.run('install')).toMatchObject({ code: 0 });
  expect(dns.text('node-local-dns')).toContain(
    '        force_tcp\n    }\n    prometheus :9253\n}\n# causeway: end\n',
  );
  expect(await dns.run('remove')).toMatchObject({ code: 0 });
  cache.temper = 'refuses';
  expect(await dns.run('install')).toMatchObject({ code: 1 });
  expect([dns.text(), dns.text('node-local-dns')]).toEqual([kubeadm, corefiles.nodeLocal]);
});

test('without reload, pods that run an older text than the one that is there need --restart as well', async () => {
  const text = kubeadm.replace('    reload\n', '');
  const dns = await CoreDnsCluster.start(text);
  expect(await dns.run('install --wait-duration 0s')).toMatchObject({ code: 0 });
  const again = await dns.run('install');
  expect(again).toMatchObject({ code: 1, complaints: [expect.stringContaining('give --restart')] });
});
