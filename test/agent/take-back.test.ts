import { expect, test, vi } from 'vitest';
import { takeBackOwn } from '../../src/agent/take-back.ts';
import { CausewayError } from '../../src/base/errors.ts';
import { PUBLISHED_ANNOTATIONS } from '../../src/objects/node-annotations.ts';
import { VirtualClock } from '../kit/clock.ts';
import { EAST_CLUSTER, RoutedNode, remoteCluster, remoteNode } from '../kit/routed-node.ts';

const OTHERS = { 'example.com/rack': '7' };
const WORLD = [
  EAST_CLUSTER.replace('{name: e1, uid: e-1}', '{name: e1, uid: e-1, annotations: {example.com/rack: "7"}}'),
  remoteCluster('west'),
  remoteNode('west', 1, '10.21.1.0/24', '172.31.1.41'),
].join('---');
const TAKEN =
  'kubectl annotate node e1 causeway.dev/underlay-addresses- causeway.dev/underlay-mtu- causeway.dev/vtep-mac- causeway.dev/pod-network-addresses- causeway.dev/routes-';

/** A node whose agent has said what there is to say of it, and has ended. */
async function published(): Promise<RoutedNode> {
  const node = await RoutedNode.start(WORLD);
  const agent = node.agent();
  await agent.start();
  await vi.waitFor(() => expect(node.annotations()['causeway.dev/vtep-mac']).toMatch(/^02:/));
  await agent.stop();
  return node;
}

function taken(node: RoutedNode, { pretend = false, nodeName = 'e1' } = {}): Promise<string[]> {
  const { client, clock, waits } = node.parts();
  return takeBackOwn({ nodeName, connect: async () => client, clock, waits }, pretend);
}

test('what was published goes, said in words of kubectl, and nothing else', async () => {
  const node = await published();
  const before = node.annotations();
  expect(await taken(node, { pretend: true })).toEqual([TAKEN]);
  expect(node.annotations()).toEqual(before);
  expect(await taken(node)).toEqual([TAKEN]);
  expect(node.annotations()).toEqual(OTHERS);
  expect(node.waits).toEqual([]);
});

test('where there is nothing to take it may be the wrong Node', async () => {
  const node = await published();
  expect(await taken(node, { nodeName: 'e2' })).toEqual([
    '# there is no Node e2 with annotations of ours; --node-name says which one this is',
  ]);
  expect(node.annotations()['causeway.dev/vtep-mac']).toMatch(/^02:/);
});

const BY_HAND = ['kubectl annotate node e1', ...PUBLISHED_ANNOTATIONS.map(name => `${name}-`)].join(' ');

test('without an API server, or a credential for it, it fails with one line on what stays and how it goes', async () => {
  const node = await published();
  await node.api.stop();
  const failure = await taken(node).catch(error => error);
  expect(failure).toMatchObject({ name: 'CausewayError', code: 'API_UNREACHABLE' });
  expect(failure.message).toMatch(
    /^Node e1 may keep what was published there, by which others go still: could not list nodes /,
  );
  expect(failure.message).toContain(`; to take it away: ${BY_HAND}`);
  const { clock, waits } = node.parts();
  const connect = () => Promise.reject(new CausewayError('KUBECONFIG_INVALID', 'there is none'));
  await expect(takeBackOwn({ nodeName: 'e1', connect, clock, waits }, false)).rejects.toMatchObject({
    code: 'KUBECONFIG_INVALID',
    message: `Node e1 may keep what was published there, by which others go still: there is none; to take it away: ${BY_HAND}`,
  });
});

test('an API server that takes long is said to be waited for', async () => {
  const clock = new VirtualClock();
  const node = await published();
  const { client, waits } = node.parts();
  const { promise, resolve } = Promise.withResolvers<typeof client>();
  const waiting = takeBackOwn({ nodeName: 'e1', connect: () => promise, clock, waits }, false);
  await clock.advance(2_000);
  expect(node.waits).toEqual([
    'waiting up to 15 s for the API server, to take from Node e1 what was published there',
  ]);
  resolve(client);
  expect(await waiting).toEqual([TAKEN]);
});

test('it is waited for no longer than is said, be it for a credential', async () => {
  const clock = new VirtualClock();
  const node = await published();
  const { waits } = node.parts();
  const connect = () => Promise.withResolvers<never>().promise;
  const waiting = takeBackOwn({ nodeName: 'e1', connect, clock, waits }, false).catch(error => error);
  await clock.advance(14_999);
  expect(await Promise.race([waiting, 'still waiting'])).toBe('still waiting');
  await clock.advance(1);
  expect(await waiting).toMatchObject({
    code: 'API_UNREACHABLE',
    message: `Node e1 may keep what was published there, by which others go still: no answer within 15 s; to take it away: ${BY_HAND}`,
  });
  expect(clock.timers).toBe(0);
});
