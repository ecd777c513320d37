import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { ApiServer } from '../../kit/api-server.ts';
import { temporaryDirectory } from '../../kit/directory.ts';
import { clusterIdYaml, importYaml, mirroredYaml, namespaceYaml, remoteYaml } from '../../kit/imports.ts';
import { apiServer, eventually, kubernetesBed, openKubernetes, unload } from '../../kit/kubernetes-source.ts';

const PAY = importYaml('pay', { ips: ['10.96.0.1'], clusters: ['east', 'west'] });
const CART = importYaml('cart', { ips: ['10.96.0.2'] });
const DB = importYaml('db', { type: 'Headless', clusters: ['east', 'west'] });
const DB_EAST = mirroredYaml('db', 'east', ['db-0=10.10.1.1']);
const DB_WEST = mirroredYaml('db', 'west', ['db-0=10.20.1.1']);

/** A cluster set, and a directory with a snapshot of it that a daemon before left there. */
async function withSnapshot(): Promise<{ server: ApiServer; stateDir: string; file: string }> {
  const server = await apiServer(
    namespaceYaml('shop'),
    clusterIdYaml('north'),
    remoteYaml('west', 'False'),
    ...[PAY, CART, DB, DB_EAST, DB_WEST],
  );
  const stateDir = join(temporaryDirectory(), 'state');
  const { source } = await openKubernetes(server, { stateDir });
  const file = join(stateDir, 'snapshot.ndjson');
  await eventually(() => expect(existsSync(file)).toBe(true));
  await source.stop();
  return { server, stateDir, file };
}

describe('the API server is away at the start', () => {
  test('without a snapshot everything is SERVFAIL until it is there', async () => {
    const server = await apiServer(namespaceYaml('shop'), PAY);
    await server.stop();
    const { answer, started, metrics, messages, source } = kubernetesBed(server, {
      stateDir: join(temporaryDirectory(), 'state'),
    });
    await eventually(() => expect(messages().join()).toContain('there is no snapshot: answers are SERVFAIL'));
    expect([answer('pay.shop.svc'), answer('other.shop.svc')]).toEqual([['SERVFAIL'], ['SERVFAIL']]);
    expect([source.staleSince, metrics.stale]).toEqual([undefined, false]);
    await server.start();
    await started;
    expect(answer('pay.shop.svc')).toEqual(['pay.shop.svc 5 A 10.96.0.1']);
  });

  test('with one it is served at once, as it was, marked stale', async () => {
    const { server, stateDir, file } = await withSnapshot();
    const written = JSON.parse(readFileSync(file, 'utf8').split('\n')[0] ?? '').written;
    await server.stop();
    const { answer, started, source, metrics, lines } = kubernetesBed(server, { stateDir });
    await started;
    expect(answer('pay.shop.svc')).toEqual(['pay.shop.svc 5 A 10.96.0.1']);
    expect(answer('db.shop.svc')).toEqual(['db.shop.svc 5 A 10.10.1.1']);
    expect(answer('db-0.west.db.shop.svc')).toEqual(['db-0.west.db.shop.svc 5 A 10.20.1.1']);
    expect(answer('other.shop.svc')).toEqual(['NXDOMAIN']);
    expect(source.localCluster).toBe('north');
    expect([source.staleSince?.toISOString(), metrics.stale]).toEqual([written, true]);
    expect(lines).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        msg: expect.stringContaining('what is served is a snapshot'),
      }),
    );
  });

  test('what is there by then holds, and what is gone goes', async () => {
    const { server, stateDir } = await withSnapshot();
    await server.stop();
    const { answer, started, source, metrics, messages } = kubernetesBed(server, { stateDir });
    await started;
    unload(server, CART);
    unload(server, remoteYaml('west', 'False'));
    server.load(importYaml('pay', { ips: ['10.96.0.9'] }));
    server.load(mirroredYaml('db', 'east', ['db-0=10.10.1.7']));
    await server.start();
    await eventually(() => expect(answer('pay.shop.svc')).toEqual(['pay.shop.svc 5 A 10.96.0.9']));
    await eventually(() => expect(metrics.stale).toBe(false));
    expect(answer('cart.shop.svc')).toEqual(['NXDOMAIN']);
    expect(answer('db.shop.svc')).toEqual(['db.shop.svc 5 A 10.10.1.7', 'db.shop.svc 5 A 10.20.1.1']);
    expect(source.staleSince).toBeUndefined();
    expect(source.mesh.sizes).toEqual({ services: 2, endpoints: 2 });
    expect(messages().slice(-1)).toEqual(['API server was read']);
  });

  test('a server that says nothing is not waited for', async () => {
    const { server, stateDir } = await withSnapshot();
    server.frozen = true;
    const { answer, started } = kubernetesBed(server, { stateDir, tools: { grace: 50 } });
    await started;
    expect(answer('pay.shop.svc')).toEqual(['pay.shop.svc 5 A 10.96.0.1']);
  });
});

describe('a snapshot that is no good', () => {
  test.each<readonly [row: string, reason: string, spoil: (text: string) => string]>([
    ['empty', 'is empty', () => ''],
    ['no JSON', 'has a line that is no JSON object', () => 'apiVersion: v1\n'],
    ["somebody else's", 'is not a snapshot of ours', () => '{"kind":"List"}\n'],
    ['of another version', 'is of version 99', text => text.replace('"version":1', '"version":99')],
    ['without its end', 'is cut short', text => text.split('\n').slice(0, -2).join('\n')],
    ['without its end, on a line', 'is cut short', text => `${text.split('\n').slice(0, -2).join('\n')}\n`],
    ['changed', 'its checksum differs', text => text.replace('10.96.0.1', '10.96.0.3')],
    ['with a line too few', 'its checksum differs', text => text.replace(/\n.*"kind":"Namespace".*\n/, '\n')],
    ['with more after it', 'goes on after its end', text => `${text}{}\n`],
    [
      'with a kind without names',
      'of a kind that has no names',
      text => text.replace('"kind":"Namespace"', '"kind":"toString"'),
    ],
  ])('%s is left alone, and the log says why', async (_row, reason, spoil) => {
    const { server, stateDir, file } = await withSnapshot();
    writeFileSync(file, spoil(readFileSync(file, 'utf8')));
    await server.stop();
    const { answer, lines } = kubernetesBed(server, { stateDir });
    await eventually(() =>
      expect(lines).toContainEqual(
        expect.objectContaining({
          level: 'warn',
          file,
          code: 'FILE_BROKEN',
          reason: expect.stringContaining(reason),
        }),
      ),
    );
    expect(answer('pay.shop.svc')).toEqual(['SERVFAIL']);
  });

  test("another cluster's is left alone where the operator says which this is", async () => {
    const { server, stateDir } = await withSnapshot();
    await server.stop();
    const { answer, lines } = kubernetesBed(server, { stateDir, localCluster: 'south' });
    await eventually(() =>
      expect(lines).toContainEqual(
        expect.objectContaining({ reason: 'is of cluster north, and this is south' }),
      ),
    );
    expect(answer('pay.shop.svc')).toEqual(['SERVFAIL']);
  });
});

describe('the API server goes away later', () => {
  test('what was last read stays, marked stale until it is back', async () => {
    const server = await apiServer(namespaceYaml('shop'), PAY);
    const { answer, source, metrics, messages } = await openKubernetes(server);
    expect(metrics.stale).toBe(false);
    await server.stop();
    await eventually(() => expect(metrics.stale).toBe(true));
    expect(source.staleSince).toBeInstanceOf(Date);
    expect(answer('pay.shop.svc')).toEqual(['pay.shop.svc 5 A 10.96.0.1']);
    unload(server, PAY);
    server.load(CART);
    await server.start();
    await eventually(() => expect(metrics.stale).toBe(false));
    await eventually(() => expect(answer('cart.shop.svc')).toEqual(['cart.shop.svc 5 A 10.96.0.2']));
    expect(answer('pay.shop.svc')).toEqual(['NXDOMAIN']);
    const told = messages().filter(message => message.startsWith('what is served'));
    expect(told).toEqual([
      'what is served may be out of date: the API server is not followed',
      'what is served is current again',
    ]);
  });
});

describe('the snapshot on disk', () => {
  test('follows the state, and only its owner may read it', async () => {
    const { server, stateDir, file } = await withSnapshot();
    expect([statSync(file).mode & 0o777, statSync(stateDir).mode & 0o777]).toEqual([0o600, 0o700]);
    const { metrics } = await openKubernetes(server, { stateDir });
    unload(server, CART);
    await eventually(() => expect(readFileSync(file, 'utf8')).not.toContain('"cart"'));
    await eventually(() => expect(metrics.snapshotsOk).toBeGreaterThan(0));
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  test('that cannot be written is told once, and written as soon as it can be', async () => {
    const server = await apiServer(namespaceYaml('shop'), PAY);
    const blocked = temporaryDirectory({ state: 'a file where the directory should be' });
    const stateDir = join(blocked, 'state');
    const { messages, metrics, answer } = await openKubernetes(server, { stateDir });
    await eventually(() => expect(metrics.snapshotsFailed).toBeGreaterThan(2));
    expect(messages().filter(message => message.includes('cannot be written'))).toHaveLength(1);
    expect(answer('pay.shop.svc')).toEqual(['pay.shop.svc 5 A 10.96.0.1']);
    rmSync(stateDir);
    await eventually(() => expect(metrics.snapshotsOk).toBe(1));
    expect(messages()).toContain('snapshot is written again');
  });

  test('is not written where nothing was ever read', async () => {
    const server = await apiServer();
    server.frozen = true;
    const stateDir = join(temporaryDirectory(), 'state');
    const { source } = kubernetesBed(server, { stateDir, tools: { grace: 10 } });
    await sleep(100);
    await source.stop();
    expect(existsSync(stateDir)).toBe(false);
  });
});
