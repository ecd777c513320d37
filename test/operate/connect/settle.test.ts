import { afterEach, beforeEach, expect, test } from 'vitest';
import { HttpsApiClient } from '../../../src/kube/https-client.ts';
import { remoteClusterManifest } from '../../../src/manifests/remote-cluster.ts';
import { settle } from '../../../src/operate/connect/settle.ts';
import { ApiServer } from '../../kit/api-server.ts';

let server: ApiServer;
const { signal } = new AbortController();

beforeEach(async () => {
  server = await new ApiServer().start();
});
afterEach(() => server.end());

async function write(wishes: { weight?: number; region?: string }, dryRun = false) {
  const { weight, region } = wishes;
  const client = new HttpsApiClient(server.connection(), {}, 'causeway-cli');
  const wish = { weight, region, encryption: undefined };
  const wanted = (before: object | undefined) => remoteClusterManifest('east', wish, before);
  return (await settle(client, 'RemoteCluster', { name: 'east' }, wanted, dryRun, signal)).change;
}

function stored() {
  const found = server.store.get('causeway.dev/remoteclusters', '', 'east');
  return found && { labels: found.metadata.labels, weight: Object(found['spec']).weight };
}

test('what is missing is created, what differs is changed, and the same again is nothing', async () => {
  expect(await write({ weight: 20 })).toBe('created');
  expect(await write({ weight: 20 })).toBe('unchanged');
  expect(await write({})).toBe('unchanged');
  expect(await write({ region: 'eu' })).toBe('changed');
  expect(stored()).toEqual({ labels: { region: 'eu' }, weight: 20 });
});

test('of two at once, none undoes what the other has written', async () => {
  const changes = await Promise.all([write({ weight: 20 }), write({ region: 'eu' }), write({})]);
  expect(changes.filter(change => change === 'created')).toHaveLength(1);
  expect(stored()).toEqual({ labels: { region: 'eu' }, weight: 20 });
});

test('what is only tried is not written', async () => {
  expect(await write({ weight: 20 }, true)).toBe('created');
  expect(stored()).toBeUndefined();
});

test('a server that always says conflict is given up', async () => {
  server.put({ kind: 'RemoteCluster', metadata: { name: 'east' }, spec: {} });
  server.faults.add('apply', { status: 409, reason: 'Conflict' }, 10);
  await expect(write({ weight: 20 })).rejects.toThrow('409 Conflict');
});
