import { describe, expect, test } from 'vitest';
import { CoreDnsCluster, STANZA } from '../kit/coredns-cluster.ts';
import { corefiles } from '../kit/corefiles.ts';

const { kubeadm } = corefiles;

describe('remove', () => {
  test('gives the former octets back', async () => {
    const text = kubeadm.replaceAll('\n', '\r\n').trimEnd();
    const dns = await CoreDnsCluster.start(text);
    await dns.run('install');
    const { code, output } = await dns.run('remove');
    expect([code, dns.text()]).toEqual([0, text]);
    expect(output).toContain(
      'kube-system/coredns/Corefile: changed\n\n✓ coredns-a: runs without clusterset.local\n',
    );
    expect((await dns.run('remove')).output).toContain('kube-system/coredns/Corefile: unchanged\n');
  });

  test('needs no Service to forward to', async () => {
    const dns = await CoreDnsCluster.start(kubeadm + STANZA);
    expect(await dns.run('remove --namespace gone')).toMatchObject({ code: 0 });
    expect(dns.text()).toBe(kubeadm);
  });

  test('leaves a block that somebody wrote', async () => {
    const text = `${kubeadm}clusterset.local {\n    forward . 10.96.0.53\n}\n`;
    const dns = await CoreDnsCluster.start(text);
    expect(await dns.run('remove')).toMatchObject({ code: 0 });
    expect(dns.text()).toBe(text);
  });
});

describe('where the distribution writes the Corefile', () => {
  const { aks } = corefiles;

  test('coredns-custom is made, and goes again', async () => {
    const dns = await CoreDnsCluster.start(aks);
    const { code, output } = await dns.run('install');
    expect(code).toBe(0);
    expect(output).toContain('+++ kube-system/coredns-custom/clusterset.server\n@@ -0,0 +1,10 @@\n');
    expect(output).toContain('kube-system/coredns-custom/clusterset.server: created\n');
    expect([dns.text(), dns.text('coredns-custom', 'clusterset.server')]).toEqual([aks, STANZA]);
    expect(await dns.run('remove')).toMatchObject({ code: 0 });
    expect(dns.cluster.api.store.get('/configmaps', 'kube-system', 'coredns-custom')).toBeUndefined();
  });

  test('its other keys stay, and so does one that is not ours', async () => {
    const custom = { 'lab.server': 'lab.example {\n    forward . 10.1.1.1\n}\n' };
    const dns = await CoreDnsCluster.start(aks, ['reloads'], custom);
    await dns.run('install');
    const data = () => dns.cluster.api.store.get('/configmaps', 'kube-system', 'coredns-custom')?.['data'];
    expect(data()).toEqual({ ...custom, 'clusterset.server': STANZA });
    await dns.run('remove');
    expect(data()).toEqual(custom);
  });

  test('a pod that refuses it: coredns-custom is gone again', async () => {
    const dns = await CoreDnsCluster.start(aks, ['refuses']);
    expect(await dns.run('install')).toMatchObject({ code: 1 });
    expect(dns.cluster.api.store.get('/configmaps', 'kube-system', 'coredns-custom')).toBeUndefined();
  });

  test('another key that has the zone is in the way', async () => {
    const dns = await CoreDnsCluster.start(aks, ['reloads'], { 'x.server': 'clusterset.local {\n}\n' });
    const { code, complaints } = await dns.run('install');
    expect(code).toBe(1);
    expect(complaints[0]).toMatch(
      /^x.server:1: found a block for clusterset.local that Causeway does not manage/,
    );
  });
});
