import { expect, test } from 'vitest';
import { CausewayError } from '../../src/base/errors.ts';
import type { ApiClient } from '../../src/kube/client.ts';
import { FollowingLog } from '../../src/kube/following-log.ts';
import { RESOURCES } from '../../src/kube/resource.ts';
import { loggerTo } from '../../src/ops/log.ts';
import { clientOf } from '../kit/api-follower.ts';

const server = 'https://127.0.0.1:6443';
const clientAt = (): ApiClient =>
  clientOf({ server, namespace: undefined, authenticate: async () => ({ headers: {}, tls: {} }) });

/** Who follows Nodes and who follows Services of one server, and what they log. */
function followers(client = clientAt()) {
  const lines: string[] = [];
  const write = (text: string) => {
    const { level, resource = 'all', msg } = JSON.parse(text);
    lines.push(`${level} ${resource}: ${msg.replace('API server is ', '')}`);
  };
  const of = (resource: (typeof RESOURCES)['nodes']) =>
    new FollowingLog({ client, resource, selection: {}, log: loggerTo({ write }, 'info') });
  return { nodes: of(RESOURCES.nodes), services: of(RESOURCES.services), lines };
}

function away(plural: string, cause = 'connect ECONNREFUSED'): Error {
  const message = `could not watch ${plural} at ${server}: ${cause}; nothing listens there`;
  return new CausewayError('API_UNREACHABLE', message, { cause: new Error(cause) });
}

const STAYS = 'not followed, what was last heard from it stays in use';

test('an API server that is away is told once, and once that it is back', () => {
  const { nodes, services, lines } = followers();
  nodes.failed(away('nodes'), true);
  services.failed(away('services'), true);
  nodes.failed(away('nodes'), true);
  expect(lines).toEqual([`warn all: ${STAYS}`]);
  services.current();
  nodes.current();
  nodes.current();
  expect(lines.slice(1)).toEqual(['info all: current again']);
  services.failed(away('services'), true);
  expect(lines.slice(2)).toEqual([`warn all: ${STAYS}`]);
});

test('another reason is told, too, whoever finds it, and once', () => {
  const { nodes, services, lines } = followers();
  nodes.failed(away('nodes'), true);
  nodes.failed(away('nodes', 'no answer'), true);
  services.failed(away('services', 'no answer'), true);
  services.failed(away('services'), true);
  expect(lines).toEqual([`warn all: ${STAYS}`, `warn all: ${STAYS}`]);
});

test('where nothing was heard yet, nothing is said to stay', () => {
  const { nodes, lines } = followers();
  nodes.failed(away('nodes'), false);
  expect(lines).toEqual(['warn all: not followed, and was not since the start']);
});

test('what a server refuses is told of each list', () => {
  const { nodes, services, lines } = followers();
  nodes.failed(new Error('403 Forbidden'), false);
  services.failed(new Error('403 Forbidden'), false);
  nodes.current();
  expect(lines).toEqual([
    'warn nodes: not followed, and was not since the start',
    'warn services: not followed, and was not since the start',
    'info nodes: current again',
  ]);
});

test('who is refused is not away any more', () => {
  const { nodes, services, lines } = followers();
  nodes.failed(away('nodes'), true);
  services.failed(away('services'), true);
  nodes.failed(new Error('403 Forbidden'), true);
  services.current();
  expect(lines.slice(1)).toEqual([`warn nodes: ${STAYS}`, 'info all: current again']);
});

test('who follows no more is not waited for', () => {
  const { nodes, services, lines } = followers();
  nodes.failed(away('nodes'), true);
  services.failed(away('services'), true);
  nodes.ended();
  services.current();
  expect(lines.slice(1)).toEqual(['info all: current again']);
});

test('another server has lines of its own', () => {
  const [one, other] = [followers(), followers()];
  one.nodes.failed(away('nodes'), true);
  other.nodes.failed(away('nodes'), true);
  expect(other.lines).toEqual([`warn all: ${STAYS}`]);
});
