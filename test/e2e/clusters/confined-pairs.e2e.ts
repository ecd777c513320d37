import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../kit/wait.ts';
import { RoutedClusters } from './routed-clusters.ts';

/** Agents with no more than their DaemonSet gives them (kernel/confined.e2e.ts), and real API servers. */
let clusters: RoutedClusters;

beforeAll(async () => {
  clusters = await RoutedClusters.form({ routed: false }, [], true);
});

afterAll(() => clusters?.remove());

/** Both clusters are to reach each other in this way from now on. */
async function want(spec: object): Promise<void> {
  for (const [member, other] of [
    [clusters.east, 'west'],
    [clusters.west, 'east'],
  ] as const) {
    const reference = {
      apiVersion: 'causeway.dev/v1alpha1',
      kind: 'RemoteCluster',
      metadata: { name: other },
    };
    await member.cluster.admin.merge(reference, { spec });
  }
}

/** How the agent of each node says that it reaches those of the other cluster. */
async function modes(): Promise<string[]> {
  const said = clusters.lab.nodes.map(async node => {
    const { admin } = clusters.memberOf(node).cluster;
    const name = `node-${node.number}`;
    const found = await admin.get({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
    const [routes] = Object.values(JSON.parse(found?.metadata.annotations?.['causeway.dev/routes'] ?? '{}'));
    return JSON.stringify(Object(routes).modes);
  });
  return Promise.all(said);
}

/** The nodes' own addresses are IPv4 alone: what is not put into a tunnel needs one of its own family. */
const BOTH = ['IPv4', 'IPv6'] as const;

test.each([
  { way: 'vxlan', spec: { routingModes: ['VXLAN'] }, families: BOTH },
  { way: 'wireguard', spec: { encryption: 'Required' }, families: BOTH },
  { way: 'bgp', spec: { encryption: 'Off', routingModes: ['BGP'] }, families: BOTH.slice(0, 1) },
  { way: 'direct', spec: { routingModes: ['Direct'] }, families: BOTH.slice(0, 1) },
])('pods of two clusters reach each other by $way', async ({ way, spec, families }) => {
  await want(spec);
  await waitFor('all agents say so', modes, seen => seen.every(one => one === `{"${way}":2}`), 60_000);
  for (const family of families) {
    const look = () => clusters.betweenClusters(family);
    const none = (seen: { wrong: string[] }) => seen.wrong.length === 0;
    expect((await waitFor(`${way}, ${family}`, look, none, 60_000)).asked).toBe(8);
  }
});

test('nothing was refused to any agent', () => {
  for (const node of clusters.lab.nodes) {
    expect(clusters.agentOf(node).output()).not.toMatch(
      /could not|cannot|not permitted|"level":"(error|fatal)"/i,
    );
  }
});
