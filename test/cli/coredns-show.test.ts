import { parse } from 'valibot';
import { describe, expect, test } from 'vitest';
import { CoreDnsShow } from '../../src/views/coredns-show.ts';
import { CoreDnsCluster, putMap, STANZA } from '../kit/coredns-cluster.ts';
import { corefiles } from '../kit/corefiles.ts';

const { kubeadm } = corefiles;

describe('show', () => {
  test('a cluster without the stanza: exit code 1', async () => {
    const { code, output } = await (await CoreDnsCluster.start(kubeadm)).run('show');
    expect(code).toBe(1);
    expect(output).toMatchInlineSnapshot(`
      "clusterset.local is to be forwarded to 10.96.0.53

      COREFILE                      ANSWERED BY  AT          STANZA BELONGS IN
      kube-system/coredns/Corefile  .:53         Corefile:1  kube-system/coredns/Corefile

      POD        NODE    COREFILE             STANZA
      coredns-a  node-1  kube-system/coredns  absent
      coredns-b  node-1  kube-system/coredns  absent

      ✗ kube-system/coredns: Corefile line 1: clusterset.local answered by .:53: questions for the zone never reach Causeway: install the stanza
        → put the stanza in with \`causeway coredns install\`
      ✗ coredns-a: runs without the stanza, and does not forward clusterset.local
        → put the stanza in with \`causeway coredns install\`
      ✗ coredns-b: runs without the stanza, and does not forward clusterset.local
        → put the stanza in with \`causeway coredns install\`
      "
    `);
  });

  test('a pod that still runs the old text', async () => {
    const dns = await CoreDnsCluster.start(kubeadm, ['reloads', 'sleeps']);
    putMap(dns.cluster, 'coredns', { Corefile: kubeadm + STANZA });
    const { code, output } = await dns.run('show');
    expect(code).toBe(1);
    expect(output).toMatchInlineSnapshot(`
      "clusterset.local is to be forwarded to 10.96.0.53

      COREFILE                      ANSWERED BY          AT           STANZA BELONGS IN
      kube-system/coredns/Corefile  clusterset.local:53  Corefile:26  kube-system/coredns/Corefile

      POD        NODE    COREFILE             STANZA
      coredns-a  node-1  kube-system/coredns  present
      coredns-b  node-1  kube-system/coredns  absent

      ✓ kube-system/coredns: Corefile line 26: clusterset.local in the block clusterset.local:53: Causeway wrote this block, and keeps it
      ✓ coredns-a: forwards clusterset.local
      ✗ coredns-b: runs without the stanza, and does not forward clusterset.local
        → it still runs with an old Corefile; see \`kubectl -n kube-system logs coredns-b\`, and delete the pod to have it read anew
      "
    `);
  });

  test.each([
    { row: 'no Service of Causeway', line: 'show' },
    { row: 'another namespace than that of Causeway', line: 'show -n elsewhere' },
  ])('a stanza, and $row: nobody answers at its address', async ({ line }) => {
    const dns = await CoreDnsCluster.start(kubeadm + STANZA, ['reloads']);
    const metadata = { namespace: 'causeway-system', name: 'causeway-dns' };
    if (line === 'show') dns.cluster.api.remove({ apiVersion: 'v1', kind: 'Service', metadata });
    const { code, output } = await dns.run(line);
    expect(code).toBe(1);
    expect(output).toContain(
      'clusterset.local is to be forwarded to nobody: there is no ClusterIP of causeway-dns\n',
    );
    expect(output).toContain(
      '✗ kube-system/coredns: Corefile line 28: forward to 10.96.0.53: there is no Service of Causeway: questions go where nobody answers, or somebody else\n',
    );
  });

  test('a ClusterIP that may not be read: it is not known whether it is the right one', async () => {
    const dns = await CoreDnsCluster.start(kubeadm + STANZA, ['reloads']);
    const place = { collection: '/services', namespace: 'causeway-system' };
    dns.cluster.api.faults.add('get', { status: 403, reason: 'Forbidden' }, 1, place);
    const { code, output } = await dns.run('show');
    expect(code).toBe(1);
    expect(output).toMatch(
      /^clusterset.local is to be forwarded to causeway-dns, whose ClusterIP is not known\n/,
    );
    expect(output).toMatch(
      /\n\? causeway-dns: whether the zone is forwarded to its ClusterIP is not known: .*403/,
    );
  });

  test('a namespace of another distribution, which nobody may read, hides no Corefile', async () => {
    const dns = await CoreDnsCluster.start(kubeadm + STANZA, ['reloads']);
    const place = { collection: '/configmaps', namespace: 'openshift-dns' };
    dns.cluster.api.faults.add('get', { status: 403, reason: 'Forbidden' }, 1, place);
    expect((await dns.run('show')).code).toBe(0);
  });

  test('a Corefile that may not be read: which one', async () => {
    const dns = await CoreDnsCluster.start(kubeadm + STANZA, ['reloads']);
    dns.cluster.api.faults.add('get', { status: 403, reason: 'Forbidden' }, 9, { collection: '/configmaps' });
    const { code, output } = await dns.run('show');
    expect(code).toBe(1);
    expect(output.match(/^\? \S+ could not be read: .*403/gm)?.map(line => line.split(' ')[1])).toEqual([
      'kube-system/coredns:',
      'kube-system/node-local-dns:',
    ]);
  });

  test('all is well: exit code 0, and JSON as the schema says', async () => {
    const dns = await CoreDnsCluster.start(kubeadm + STANZA, ['reloads']);
    const { code, output } = await dns.run('show -o json');
    const printed = JSON.parse(output);
    expect([code, parse(CoreDnsShow, printed)]).toEqual([0, printed]);
    expect(printed).toMatchInlineSnapshot(`
      {
        "addresses": [
          "10.96.0.53",
        ],
        "context": "east",
        "corefiles": [
          {
            "answers": [
              {
                "block": "clusterset.local:53",
                "configMap": "kube-system/coredns",
                "key": "Corefile",
                "line": 26,
              },
            ],
            "configMap": "kube-system/coredns",
            "dialect": "stock",
            "key": "Corefile",
            "stanza": "kube-system/coredns/Corefile",
          },
        ],
        "findings": [
          {
            "about": "kube-system/coredns",
            "check": "coredns.stanza-managed",
            "found": "Corefile line 26: clusterset.local in the block clusterset.local:53: Causeway wrote this block, and keeps it",
            "verdict": "good",
          },
          {
            "about": "coredns-a",
            "check": "coredns.replica",
            "found": "forwards clusterset.local",
            "verdict": "good",
          },
        ],
        "replicas": [
          {
            "configMap": "kube-system/coredns",
            "node": "node-1",
            "pod": "coredns-a",
            "stanza": "present",
          },
        ],
        "zone": "clusterset.local",
      }
    `);
  });

  test('coredns-custom, where that is imported', async () => {
    const dns = await CoreDnsCluster.start(corefiles.aks, ['reloads'], { 'clusterset.server': STANZA });
    const { code, output } = await dns.run('show');
    expect(code).toBe(0);
    expect(output).toContain('clusterset.server:3');
  });
});
