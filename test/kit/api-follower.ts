import { expect, onTestFinished, vi } from 'vitest';
import type { Selection, StoredObject } from '../../src/kube/client.ts';
import type { Connection } from '../../src/kube/connection.ts';
import { HttpsApiClient } from '../../src/kube/https-client.ts';
import { Informer, type InformerParts } from '../../src/kube/informer.ts';
import type { InformerListener } from '../../src/kube/informer-listener.ts';
import type { InformerTimes } from '../../src/kube/informer-times.ts';
import { RESOURCES } from '../../src/kube/resource.ts';
import { ApiServer, type ApiServerOptions } from './api-server.ts';
import { silent } from './handlers.ts';
import { seededRandom } from './random.ts';

/** What the tests keep of a Service. */
export interface Kept {
  readonly key: string;
  readonly version: string;
  readonly type: string;
}

/** A Service as a line of a table. */
export function service(name: string, type = 'ClusterIP', labels: Record<string, string> = {}) {
  return { kind: 'Service', metadata: { namespace: 'shop', name, labels }, spec: { type } };
}

export function keep({ metadata, spec }: StoredObject): Kept | undefined {
  const { type } = Object(spec);
  if (type === 'unreadable') throw new Error('the type is unreadable');
  if (type === 'ExternalName') return undefined;
  const key = `${metadata.namespace}/${metadata.name}`;
  return { key, version: metadata.resourceVersion, type };
}

/** Holds what it is told, and complains of what the contract does not allow. */
export class Mirror implements InformerListener<Kept> {
  readonly held = new Map<string, Kept>();
  readonly complaints: string[] = [];
  readonly states: string[] = [];
  readonly reasons: string[] = [];
  calls = 0;

  put(object: Kept, before: Kept | undefined): void {
    this.calls++;
    if (this.held.get(object.key) !== before)
      this.complaints.push(`put ${object.key}: another one was before`);
    if (before?.version === object.version)
      this.complaints.push(`put ${object.key} twice at ${object.version}`);
    this.held.set(object.key, object);
  }

  dropped(object: Kept): void {
    this.calls++;
    if (this.held.get(object.key) !== object)
      this.complaints.push(`dropped ${object.key}, which was not held`);
    this.held.delete(object.key);
  }

  synced(): void {
    this.#state('synced');
  }

  stale(reason: Error): void {
    this.reasons.push(reason.message);
    this.#state('stale');
  }

  fresh(): void {
    this.#state('fresh');
  }

  #state(state: string): void {
    this.calls++;
    if (this.states.at(-1) === state) this.complaints.push(`${state} twice`);
    this.states.push(state);
  }
}

/** Milliseconds where a cluster has seconds. */
export const SHORT: InformerTimes = {
  quiet: 80,
  silence: 400,
  backoff: { least: 8, most: 60 },
  retryAfter: 300,
  stable: 40,
  listEvery: 30,
  audit: 3_600_000,
  watchSeconds: { least: 1, most: 3 },
};

export interface Followed {
  readonly informer: Informer<Kept>;
  readonly mirror: Mirror;
  readonly client: HttpsApiClient;
}

/** A server that ends with the test. */
export async function apiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const server = await new ApiServer({ bookmarkEvery: 50, ...options }).start();
  onTestFinished(() => server.end());
  return server;
}

/** For `vi.waitFor`: a machine may be busy with other things. */
export const SOON = { timeout: 10_000, interval: 5 };

/** @param silence milliseconds after which a server that says nothing is given up */
export function clientOf(server: ApiServer | Connection, silence = 2_000): HttpsApiClient {
  const connection = server instanceof ApiServer ? server.connection() : server;
  return new HttpsApiClient(connection, { connect: 2_000, silence, whole: 5_000 });
}

/** An informer of the server's Services, which ends with the test. */
export function follow(
  server: ApiServer,
  parts: Partial<Omit<InformerParts<Kept>, 'times'>> & { times?: Partial<InformerTimes> } = {},
): Followed {
  const mirror = new Mirror();
  const client = clientOf(server);
  const selection: Selection = {};
  const informer = new Informer<Kept>({
    ...{ client, resource: RESOURCES.services, selection, read: keep, listener: mirror },
    ...{ log: silent, random: seededRandom(1) },
    ...parts,
    times: { ...SHORT, ...parts.times },
  });
  onTestFinished(() => informer.stop());
  informer.start();
  return { informer, mirror, client };
}

/** What a follower of these Services must hold. */
export function stateOf(server: ApiServer): string[] {
  return server.store
    .objects('/services')
    .filter(object => Object(object['spec']).type !== 'unreadable')
    .flatMap(object => keep(object as unknown as StoredObject) ?? [])
    .map(lineOf);
}

/** Resolves when the follower holds what the server has. */
export async function untilEqual(server: ApiServer, { mirror, informer }: Followed): Promise<void> {
  const held = () => [...mirror.held.values()].map(lineOf).sort();
  await vi.waitFor(() => expect(held()).toEqual(stateOf(server).sort()), SOON);
  expect(informer.size).toBe(mirror.held.size);
  expect(mirror.complaints).toEqual([]);
}

/** Resolves when the follower watches, too. */
export async function untilWatching(server: ApiServer, followed: Followed): Promise<void> {
  await untilEqual(server, followed);
  await vi.waitFor(() => expect(server.watches.count).toBe(1), SOON);
}

function lineOf({ key, version, type }: Kept): string {
  return `${key} ${type} @${version}`;
}
