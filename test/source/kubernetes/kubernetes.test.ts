import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import {
  clusterIdYaml,
  derivedYaml,
  importYaml,
  mirroredYaml,
  namespaceYaml,
  remoteYaml,
} from '../../kit/imports.ts';
import { apiServer, eventually, kubernetesBed, openKubernetes, unload } from '../../kit/kubernetes-source.ts';

const SHOP = namespaceYaml('shop');
const PAY = importYaml('pay', { ips: ['10.96.0.1'], clusters: ['east', 'west'] });
const WEIGHTED = { clusters: { east: { weight: 80 }, west: { weight: 20 } } };

describe('what is imported is answered', () => {
  test('a clusterset IP', async () => {
    const { answer } = await openKubernetes(await apiServer(SHOP, PAY));
    expect(answer('pay.shop.svc')).toEqual(['pay.shop.svc 5 A 10.96.0.1']);
    expect(answer('_http._tcp.pay.shop.svc', 'SRV')).toEqual([
      '_http._tcp.pay.shop.svc 5 SRV 0 100 80 pay.shop.svc',
    ]);
    expect(answer('cart.shop.svc')).toEqual(['NXDOMAIN']);
  });

  test('headless endpoints by cluster, hostname and family', async () => {
    const { answer } = await openKubernetes(
      await apiServer(
        SHOP,
        importYaml('db', { type: 'Headless', families: ['IPv4', 'IPv6'], clusters: ['east', 'west'] }),
        mirroredYaml('db', 'east', ['db-0=10.10.1.1', '!db-1=10.10.1.2']),
        mirroredYaml('db', 'east', ['db-0=fd10::1']),
        mirroredYaml('db', 'west', ['10.20.1.1']),
      ),
    );
    expect(answer('db.shop.svc')).toEqual(['db.shop.svc 5 A 10.10.1.1', 'db.shop.svc 5 A 10.20.1.1']);
    expect(answer('db-0.east.db.shop.svc', 'AAAA')).toEqual(['db-0.east.db.shop.svc 5 AAAA fd10::1']);
    expect(answer('10-20-1-1.west.db.shop.svc')).toEqual(['10-20-1-1.west.db.shop.svc 5 A 10.20.1.1']);
    expect(answer('db-1.east.db.shop.svc')).toEqual(['NXDOMAIN']);
  });

  test("another controller's import, of the older version, without any CRD of ours", async () => {
    const server = await apiServer(
      SHOP,
      importYaml('pay', { version: 'v1alpha1', ips: ['10.96.0.7'] }),
      importYaml('db', { version: 'v1alpha1', type: 'Headless' }),
      mirroredYaml('db', 'east', ['db-0=10.10.1.1']),
    );
    const lacks = new Set([
      'serviceimports.multicluster.x-k8s.io/v1beta1',
      'remoteclusters.causeway.dev/v1alpha1',
      'clusterproperties.about.k8s.io/v1beta1',
    ]);
    const { answer, source, messages } = await openKubernetes(server, { lacks });
    expect(answer('pay.shop.svc')).toEqual(['pay.shop.svc 5 A 10.96.0.7']);
    expect(answer('db-0.east.db.shop.svc')).toEqual(['db-0.east.db.shop.svc 5 A 10.10.1.1']);
    expect([source.localCluster, source.staleSince, messages()]).toEqual([
      undefined,
      undefined,
      ['API server was read'],
    ]);
  });

  test('what our role may not read and is not needed is done without', async () => {
    const lacks = new Set(['remoteclusters.causeway.dev/v1alpha1']);
    const { answer } = await openKubernetes(await apiServer(SHOP, PAY), { lacks, lacksStatus: 403 });
    expect(answer('pay.shop.svc')).toEqual(['pay.shop.svc 5 A 10.96.0.1']);
  });

  test('by weight: the derived Service of the cluster that is drawn', async () => {
    const { drawn } = await openKubernetes(
      await apiServer(
        SHOP,
        importYaml('pay', { ips: ['10.96.0.1'], clusters: ['east', 'west'], traffic: WEIGHTED }),
        derivedYaml('pay', 'east', ['10.97.0.1']),
        derivedYaml('pay', 'west', ['10.97.0.2']),
        mirroredYaml('pay', 'east', ['10.10.1.1']),
        mirroredYaml('pay', 'west', ['10.20.1.1']),
      ),
    );
    expect(drawn('pay.shop.svc')).toEqual(['10.97.0.1', '10.97.0.2']);
  });

  test('by affinity, for the cluster that the API server says it is of', async () => {
    const server = await apiServer(
      SHOP,
      clusterIdYaml('west'),
      importYaml('pay', { ips: ['10.96.0.1'], clusters: ['east', 'west'], traffic: { affinity: 'local' } }),
      derivedYaml('pay', 'east', ['10.97.0.1']),
      derivedYaml('pay', 'west', ['10.97.0.2']),
      mirroredYaml('pay', 'east', ['10.10.1.1']),
      mirroredYaml('pay', 'west', ['10.20.1.1']),
    );
    const { drawn, source } = await openKubernetes(server);
    expect([source.localCluster, drawn('pay.shop.svc')]).toEqual(['west', ['10.97.0.2']]);
    server.load(clusterIdYaml('east'));
    await eventually(() => expect(drawn('pay.shop.svc')).toEqual(['10.97.0.1']));
    const told = await openKubernetes(server, { localCluster: 'west' });
    expect(told.drawn('pay.shop.svc')).toEqual(['10.97.0.2']);
  });

  test('an id that is given and is not that of the API server holds, with a warning', async () => {
    const server = await apiServer(SHOP, clusterIdYaml('east'));
    const warned = async (id: string) => {
      const { lines, source } = await openKubernetes(server, { localCluster: id });
      expect(source.localCluster).toBe(id);
      return lines.filter(({ level }) => level === 'warn');
    };
    expect(await warned('east')).toEqual([]);
    expect(await warned('other')).toMatchObject([
      {
        localCluster: 'other',
        found: 'east',
        msg: 'the API server is of another cluster than the one that counts as local: check --cluster-id',
      },
    ]);
  });

  test("without a flat network: the drawn cluster's own addresses", async () => {
    const traffic = {
      backends: 'loadbalancer',
      ttl: 30,
      clusters: { east: { loadBalancerIPs: ['192.0.2.10'] }, west: { loadBalancerIPs: ['192.0.2.20'] } },
    };
    const { drawn, answer } = await openKubernetes(
      await apiServer(
        SHOP,
        importYaml('pay', { ips: ['10.96.0.1'], clusters: ['east', 'west'], traffic }),
        mirroredYaml('pay', 'east', ['10.10.1.1']),
        mirroredYaml('pay', 'west', ['10.20.1.1']),
      ),
    );
    expect(drawn('pay.shop.svc')).toEqual(['192.0.2.10', '192.0.2.20']);
    expect(answer('pay.shop.svc')[0]).toMatch(/^pay\.shop\.svc 30 A /);
  });
});

describe('changes', () => {
  test('an import appears, changes and goes', async () => {
    const server = await apiServer(SHOP);
    const { answer } = await openKubernetes(server);
    expect(answer('pay.shop.svc')).toEqual(['NXDOMAIN']);
    server.load(PAY);
    await eventually(() => expect(answer('pay.shop.svc')).toEqual(['pay.shop.svc 5 A 10.96.0.1']));
    server.load(importYaml('pay', { ips: ['10.96.0.2'] }));
    await eventually(() => expect(answer('pay.shop.svc')).toEqual(['pay.shop.svc 5 A 10.96.0.2']));
    unload(server, PAY);
    await eventually(() => expect(answer('pay.shop.svc')).toEqual(['NXDOMAIN']));
  });

  test('slices change, move to another service, and go', async () => {
    const server = await apiServer(
      SHOP,
      importYaml('db', { type: 'Headless' }),
      importYaml('log', { type: 'Headless' }),
      mirroredYaml('db', 'east', ['10.10.1.1']),
    );
    const { answer } = await openKubernetes(server);
    server.load(mirroredYaml('db', 'east', ['10.10.1.1', '10.10.1.2']));
    await eventually(() => expect(answer('db.shop.svc')).toHaveLength(2));
    server.load(mirroredYaml('db', 'east', ['10.10.1.3']).replace('service-name: db', 'service-name: log'));
    await eventually(() => expect(answer('log.shop.svc')).toEqual(['log.shop.svc 5 A 10.10.1.3']));
    expect(answer('db.shop.svc')).toEqual(['NXDOMAIN']);
    unload(server, mirroredYaml('db', 'east', []));
    await eventually(() => expect(answer('log.shop.svc')).toEqual(['NXDOMAIN']));
  });

  test('a namespace comes late, and goes', async () => {
    const server = await apiServer(PAY);
    const { answer } = await openKubernetes(server);
    expect(answer('pay.shop.svc')).toEqual(['NXDOMAIN']);
    server.load(SHOP);
    await eventually(() => expect(answer('pay.shop.svc')).toEqual(['pay.shop.svc 5 A 10.96.0.1']));
    unload(server, SHOP);
    await eventually(() => expect(answer('pay.shop.svc')).toEqual(['NXDOMAIN']));
  });

  test('a cluster is lost, and found again', async () => {
    const server = await apiServer(
      SHOP,
      importYaml('db', { type: 'Headless', clusters: ['east', 'west'] }),
      mirroredYaml('db', 'east', ['10.10.1.1']),
      mirroredYaml('db', 'west', ['10.20.1.1']),
      remoteYaml('west', 'Unknown'),
    );
    const { answer, ask } = await openKubernetes(server);
    expect(answer('db.shop.svc')).toHaveLength(2);
    server.load(remoteYaml('west', 'False'));
    await eventually(() => expect(answer('db.shop.svc')).toEqual(['db.shop.svc 5 A 10.10.1.1']));
    server.load(remoteYaml('east', 'False'));
    await eventually(() =>
      expect(ask('db.shop.svc', 'A').edns?.extendedError).toBe(
        '3 no cluster that serves this name is reachable',
      ),
    );
    expect(answer('db.shop.svc')).toHaveLength(2);
    server.load(remoteYaml('west', 'True'));
    await eventually(() => expect(answer('db.shop.svc')).toEqual(['db.shop.svc 5 A 10.20.1.1']));
  });

  test('a RemoteCluster that was made twice does not take the cluster away', async () => {
    const { answer } = await openKubernetes(
      await apiServer(
        SHOP,
        importYaml('db', { type: 'Headless', clusters: ['east', 'west'] }),
        mirroredYaml('db', 'east', ['10.10.1.1']),
        mirroredYaml('db', 'west', ['10.20.1.1']),
        remoteYaml('west', 'True'),
        remoteYaml('west', 'False', 'west-again'),
      ),
    );
    expect(answer('db.shop.svc')).toHaveLength(2);
  });

  test('an object that cannot be read is told once and takes nothing else with it', async () => {
    const bad = mirroredYaml('pay', 'east', ['10.10.1.1']).replace(
      'source-cluster: east',
      'source-cluster: EAST',
    );
    const server = await apiServer(SHOP, PAY, bad);
    const { answer, lines } = await openKubernetes(server);
    server.load(bad);
    server.load(importYaml('cart', { ips: ['10.96.0.9'] }));
    await eventually(() => expect(answer('cart.shop.svc')).toEqual(['cart.shop.svc 5 A 10.96.0.9']));
    expect(answer('pay.shop.svc')).toEqual(['pay.shop.svc 5 A 10.96.0.1']);
    expect(lines.filter(line => line['code'] === 'OBJECT_INVALID')).toMatchObject([
      { object: 'EndpointSlice shop/pay-east-ipv4', msg: expect.stringContaining('must be a cluster id') },
    ]);
  });

  test('after stop nothing is handed on', async () => {
    const server = await apiServer(SHOP);
    const { source, zone } = await openKubernetes(server);
    server.load(PAY);
    await source.stop();
    const { services } = zone.size;
    server.load(importYaml('cart'));
    await sleep(100);
    expect(zone.size.services).toBe(services);
  });
});

describe('until everything is known', () => {
  /** Of as many as there are lists. */
  test.each([0, 1, 2, 3, 4, 5])('nothing is answered while a list is late: number %i', async late => {
    const server = await apiServer(
      SHOP,
      importYaml('db', { type: 'Headless' }),
      mirroredYaml('db', 'east', ['10.10.1.1']),
    );
    if (late > 0) server.faults.add('list', { delay: 0 }, late);
    server.faults.add('list', { delay: 300 });
    const { answer, started } = kubernetesBed(server);
    const seen = new Set<string>();
    const look = () => seen.add(answer('db.shop.svc').join());
    const looks = setInterval(look, 5);
    const begun = performance.now();
    await started;
    // Else there is no list of that number.
    expect(performance.now() - begun).toBeGreaterThan(250);
    clearInterval(looks);
    look();
    expect([...seen]).toEqual(['SERVFAIL', 'db.shop.svc 5 A 10.10.1.1']);
  });

  test('a missing CRD of the MCS API is told with what to do, and noticed when it comes', async () => {
    const lacks = new Set([
      'serviceimports.multicluster.x-k8s.io/v1beta1',
      'serviceimports.multicluster.x-k8s.io/v1alpha1',
    ]);
    const { answer, started, lines } = kubernetesBed(await apiServer(SHOP, PAY), { lacks });
    await eventually(() =>
      expect(lines).toContainEqual(
        expect.objectContaining({
          reason: expect.stringContaining('install the CustomResourceDefinition serviceimports'),
        }),
      ),
    );
    expect(answer('pay.shop.svc')).toEqual(['SERVFAIL']);
    lacks.clear();
    await started;
    expect(answer('pay.shop.svc')).toEqual(['pay.shop.svc 5 A 10.96.0.1']);
  });

  test('a source that is stopped before leaves nobody waiting', async () => {
    const server = await apiServer(SHOP);
    server.frozen = true;
    const { source, started, answer } = kubernetesBed(server);
    await source.stop();
    await started;
    expect(answer('pay.shop.svc')).toEqual(['SERVFAIL']);
  });
});
