import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Manifest } from '../bed/api.ts';
import type { Cluster } from '../bed/cluster.ts';
import { ClusterSet } from '../bed/cluster-set.ts';
import { backendsOf, eventsAbout, importReference, type Named } from '../bed/look.ts';
import { serviceExport } from '../bed/member.ts';
import { Workload } from '../bed/workload.ts';
import { staysFor, waitFor } from '../kit/wait.ts';

/** Services that are shared by their own annotations, as Cilium and Calico have them, in two clusters. */
let set: ClusterSet;
let east: Cluster;
let west: Cluster;

beforeAll(async () => {
  set = await ClusterSet.form(['east', 'west']);
  [east, west] = [set.cluster('east'), set.cluster('west')];
});

afterAll(async () => {
  await set?.end();
});

const global = { 'service.cilium.io/global': 'true' };
const to = (...all: Workload[]): string[] =>
  all.flatMap(pods => pods.addresses().map(address => `TCP/80 to ${address}:80`)).toSorted();

async function named(name = 'api'): Promise<Named> {
  return { namespace: await set.namespace('intents'), name };
}

/** Resolves once connections to the Service's own address go just there. */
async function untilServed(cluster: Cluster, service: Named, expected: readonly string[]): Promise<void> {
  const look = (): Promise<string[]> => backendsOf(cluster, service);
  const what = `${cluster.name} serves ${service.name} from ${expected}`;
  await waitFor(what, look, seen => `${seen}` === `${expected.toSorted()}`, 20_000);
}

/** @param annotations null takes one away */
function annotate(cluster: Cluster, service: Named, annotations: object): Promise<Manifest> {
  return cluster.admin.merge(reference(service), { metadata: { annotations } });
}

function reference({ namespace, name }: Named) {
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name } };
}

async function untilTold(cluster: Cluster, service: Named, says: string): Promise<void> {
  const look = (): Promise<string[]> => eventsAbout(cluster, 'Service', service);
  await waitFor(`an Event in ${cluster.name} says ${says}`, look, seen =>
    seen.some(one => one.includes(says)),
  );
}

/** Slices of a Service that its own cluster's Kubernetes did not write. */
async function added(cluster: Cluster, { namespace, name }: Named): Promise<Manifest[]> {
  const label = `kubernetes.io/service-name=${name},endpointslice.kubernetes.io/managed-by=controller.causeway.dev`;
  return cluster.admin.list('discovery.k8s.io/v1', 'EndpointSlice', namespace, label);
}

describe.concurrent('Cilium global services', () => {
  test('have the pods of all clusters under their own name, until the annotation is gone', async () => {
    const api = await named();
    const inEast = await Workload.deploy(east, { ...api, annotations: global });
    const inWest = await Workload.deploy(west, {
      ...api,
      annotations: { 'io.cilium/global-service': 'true' },
    });
    for (const cluster of [east, west]) await untilServed(cluster, api, to(inEast, inWest));
    await inEast.scale(3);
    await inEast.ready(0, false);
    await untilServed(
      west,
      api,
      [...to(inEast), ...to(inWest)].filter(one => !one.includes(`${inEast.addresses()[0]}:`)),
    );
    await inEast.ready(0, true);
    await inEast.scale(1);
    await untilServed(west, api, to(inEast, inWest));
    const [slice] = await added(west, api);
    expect(Object.keys(slice?.metadata.labels ?? {}).filter(key => key.startsWith('multicluster'))).toEqual(
      [],
    );
    expect(await set.answer('west', `api.${api.namespace}.svc.clusterset.local`)).toBe('NXDOMAIN');
    expect(await west.admin.get(importReference(api))).toBeUndefined();

    await annotate(west, api, { 'io.cilium/global-service': null });
    await untilServed(west, api, to(inWest));
    await untilServed(east, api, to(inEast));
    expect(await added(west, api)).toEqual([]);
  });

  test('with shared "false" take and do not give', async () => {
    const api = await named();
    const inEast = await Workload.deploy(east, { ...api, annotations: global });
    const inWest = await Workload.deploy(west, { ...api, annotations: global });
    await untilServed(west, api, to(inEast, inWest));
    await annotate(east, api, { 'service.cilium.io/shared': 'false' });
    await untilServed(west, api, to(inWest));
    await untilServed(east, api, to(inEast, inWest));
    await annotate(east, api, { 'service.cilium.io/shared': 'flase' });
    await untilTold(
      east,
      api,
      'found "flase": must be one of "true", "false"; it is ignored, and the Service is not shared',
    );
    await staysFor(
      'not shared',
      () => backendsOf(west, api),
      seen => `${seen}` === `${to(inWest)}`,
      1_500,
    );
  });

  test('with affinity local stand by, and serve while nothing here is ready', async () => {
    const api = await named();
    const inEast = await Workload.deploy(east, { ...api, annotations: global });
    const annotations = { ...global, 'service.cilium.io/affinity': 'local' };
    const inWest = await Workload.deploy(west, { ...api, annotations });
    await untilServed(east, api, to(inEast, inWest));
    const standby = async (): Promise<unknown[]> =>
      (await added(west, api)).flatMap(({ endpoints }) =>
        endpoints.map((one: Manifest) => one['conditions']),
      );
    const expected = JSON.stringify([{ ready: false, serving: true, terminating: false }]);
    await waitFor('east stands by in west', standby, seen => JSON.stringify(seen) === expected);
    await untilServed(west, api, to(inWest));
    await inWest.ready(0, false);
    await untilServed(west, api, to(inEast));
    await inWest.ready(0, true);
    await untilServed(west, api, to(inWest));
  });

  test('with affinity remote have all, and an Event says what to do instead', async () => {
    const api = await named();
    const annotations = { ...global, 'service.cilium.io/affinity': 'remote' };
    const inEast = await Workload.deploy(east, { ...api, annotations });
    const inWest = await Workload.deploy(west, { ...api, annotations });
    await untilServed(west, api, to(inEast, inWest));
    await untilTold(
      west,
      api,
      `AffinityNotRealised: affinity "remote" does not hold for api.${api.namespace}.svc itself`,
    );
  });

  test('are left alone where they do not have the annotation, whatever others share', async () => {
    const api = await named();
    await Workload.deploy(east, { ...api, annotations: global });
    const inWest = await Workload.deploy(west, api);
    const witness = { ...api, name: 'witness' };
    const pods = [
      await Workload.deploy(east, { ...witness, annotations: global }),
      await Workload.deploy(west, { ...witness, annotations: global }),
    ];
    await untilServed(west, witness, to(...pods));
    expect(await backendsOf(west, api)).toEqual(to(inWest));
    expect(await added(west, api)).toEqual([]);
  });

  test('that are headless take part unless their slices are not to be synced', async () => {
    const api = await named();
    const headless = { ...api, headless: true, annotations: global };
    const inEast = await Workload.deploy(east, headless);
    const inWest = await Workload.deploy(west, headless);
    for (const cluster of [east, west]) await untilServed(cluster, api, to(inEast, inWest));
    await annotate(east, api, { 'service.cilium.io/global-sync-endpoint-slices': 'false' });
    await untilServed(east, api, to(inEast));
    await untilServed(west, api, to(inWest));
  });

  test('that have nothing in common are told so', async () => {
    const api = await named();
    await Workload.deploy(east, { ...api, annotations: global, ports: [{ name: 'grpc', port: 80 }] });
    await Workload.deploy(west, { ...api, annotations: global, ports: [{ name: 'http', port: 80 }] });
    await untilTold(
      west,
      api,
      'NothingInCommon: the endpoints of cluster east are not used: they have ports grpc/TCP',
    );
    expect(await added(west, api)).toEqual([]);
  });
});

describe.concurrent('Calico federated services', () => {
  /** A federated Service in west. */
  async function federate({ namespace }: Named, selector: string, spec: object = {}): Promise<Named> {
    const metadata = {
      namespace,
      name: 'federated',
      annotations: { 'federation.tigera.io/serviceSelector': selector },
    };
    const manifest = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { ports: [{ port: 80 }], ...spec },
    };
    await west.admin.apply(manifest);
    return { namespace, name: 'federated' };
  }

  async function pair(api: Named): Promise<[Workload, Workload]> {
    const inEast = await Workload.deploy(east, { ...api, name: 'api-east', labels: { run: 'api' } });
    await east.admin.apply(serviceExport(api.namespace, 'api-east'));
    return [inEast, await Workload.deploy(west, { ...api, name: 'api-west', labels: { run: 'api' } })];
  }

  test('have the pods of what their selector chooses, here and elsewhere', async () => {
    const api = await named();
    const [inEast, inWest] = await pair(api);
    await Workload.deploy(east, { ...api, name: 'unasked', labels: { run: 'api' } });
    const other = await Workload.deploy(west, { ...api, name: 'other', labels: { run: 'other' } });
    const federated = await federate(api, "run == 'api' && !has(canary)");
    await untilServed(west, federated, to(inEast, inWest));
    await inEast.scale(2);
    await untilServed(west, federated, to(inEast, inWest));
    await east.admin.merge(reference({ ...api, name: 'api-east' }), {
      metadata: { labels: { canary: 'yes' } },
    });
    await untilServed(west, federated, to(inWest));
    await federate(api, "run in {'api', 'other'}");
    await untilServed(west, federated, to(inEast, inWest, other));
    await federate(api, "federation.tigera.io/remoteClusterName == 'east'");
    await untilServed(west, federated, to(inEast));
    await east.admin.delete(serviceExport(api.namespace, 'api-east'));
    await untilServed(west, federated, []);
    expect(await added(east, { ...api, name: 'api-east' })).toEqual([]);
  });

  test('that cannot be federated say why, and get nothing', async () => {
    const api = await named();
    const [inEast, inWest] = await pair(api);
    const federated = await federate(api, "run == 'api'");
    await untilServed(west, federated, to(inEast, inWest));
    await federate(api, "run == 'api");
    await untilTold(
      west,
      federated,
      'FederationSelectorInvalid: federation.tigera.io/serviceSelector selects nothing',
    );
    await untilServed(west, federated, []);
    await federate(api, "run == 'api'", { selector: { app: 'nobody' } });
    await untilTold(
      west,
      federated,
      'FederationIgnored: federation.tigera.io/serviceSelector is ignored: the Service has a selector',
    );
    await untilServed(west, federated, []);
  });
});
