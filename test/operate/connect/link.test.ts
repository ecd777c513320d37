import { describe, expect, test } from 'vitest';
import type { EndpointFacts } from '../../../src/connect/facts.ts';
import { openCluster } from '../../../src/operate/cluster.ts';
import { type Direction, link } from '../../../src/operate/connect/link.ts';
import { deployFiles } from '../../../src/operate/deploy-files.ts';
import { OperatorsCluster } from '../../kit/command-run.ts';

const { signal } = new AbortController();

/** Nothing listens there on this machine, as little as behind an address that only pods reach. */
const FOR_PODS = 'https://127.0.0.1:9';

async function member(
  id: string,
): Promise<{ readonly on: OperatorsCluster; readonly as: Direction['reader'] }> {
  const on = await OperatorsCluster.start();
  on.api.load(`
apiVersion: about.k8s.io/v1beta1
kind: ClusterProperty
metadata: {name: cluster.clusterset.k8s.io}
spec: {value: ${id}}
`);
  const cluster = await openCluster({ kubeconfig: on.kubeconfig, context: 'east' });
  const { server } = cluster.connection;
  const { tls } = await cluster.connection.authenticate(false);
  const endpoint = { server, isOverride: false, trust: { verified: 'kubeconfig' } } as const;
  const facts = {
    context: id,
    version: '',
    missing: [],
    clusterId: id,
    clusterset: undefined,
    remotes: [],
    endpoint,
  };
  return {
    on,
    as: { id, cluster, facts, endpoint: { server, authority: String(tls.ca), serverName: undefined } },
  };
}

async function pair() {
  const [east, west] = await Promise.all([member('east'), member('west')]);
  const files = await deployFiles();
  const run = async (override?: string, trust: EndpointFacts['trust'] = { unreached: 'refused' }) => {
    const server = override ?? west.as.endpoint.server;
    const endpoint = override === undefined ? west.as.facts.endpoint : { server, isOverride: true, trust };
    const facts = { ...west.as.facts, endpoint };
    const source = { ...west.as, endpoint: { ...west.as.endpoint, server }, facts };
    const more = {
      namespace: 'causeway-system',
      lifetime: 86_400,
      wishes: { weight: undefined, region: undefined, encryption: undefined },
      skipServerCheck: trust === 'unasked',
      dryRun: false,
    };
    const options = { files, ...more };
    const done = await link({ reader: east.as, source }, options, (_title, work) => work(() => {}), signal);
    return [done.server, done.credential];
  };
  const heard = (status: 'True' | 'False') =>
    east.on.api.load(`
apiVersion: causeway.dev/v1alpha1
kind: RemoteCluster
metadata: {name: west}
spec: {secretRef: {name: causeway-remote-west}}
status:
  conditions:
  - {type: ControlPlaneReachable, status: "${status}", reason: Said, message: so, lastTransitionTime: "2026-01-01T00:00:00Z"}
`);
  return { run, heard, operators: west.as.endpoint.server };
}

test('an address that only pods reach stays when it is not said again, as long as the controller gets there', async () => {
  const { run, heard } = await pair();
  expect(await run(FOR_PODS)).toEqual([FOR_PODS, 'new']);
  heard('True');
  expect(await run()).toEqual([FOR_PODS, 'kept']);
});

test('one by which the controller does not get there either gives way', async () => {
  const { run, heard, operators } = await pair();
  expect(await run(FOR_PODS)).toEqual([FOR_PODS, 'new']);
  heard('False');
  expect(await run()).toEqual([operators, 'new']);
});

describe('an address at which another cluster answers on this machine', () => {
  /** It is trusted by the same authority, and takes no token but its own. */
  async function stranger(): Promise<OperatorsCluster> {
    const other = await OperatorsCluster.start();
    other.api.token = 'its own';
    return other;
  }

  test('is told from one that refuses everybody', async () => {
    const { run } = await pair();
    const { api } = await stranger();
    await expect(run(api.url, { verified: 'kubeconfig' })).rejects.toThrow(
      `${api.url} is to be the API server of cluster west, and does not take a token that west takes`,
    );
  });

  test('is handed over where nobody is to be asked, and stays once the controller gets there', async () => {
    const { run, heard } = await pair();
    const { api } = await stranger();
    const connections: unknown[] = [];
    api.onConnection(socket => connections.push(socket));
    expect(await run(api.url, 'unasked')).toEqual([api.url, 'new']);
    heard('False');
    expect(await run(api.url, 'unasked')).toEqual([api.url, 'new']);
    heard('True');
    expect(await run(api.url, 'unasked')).toEqual([api.url, 'kept']);
    expect(await run(undefined, 'unasked')).toEqual([api.url, 'kept']);
    expect(connections).toEqual([]);
  });
});
