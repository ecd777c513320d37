import { ApiError } from '../../src/kube/api-error.ts';
import type { ApiClient, RawObject } from '../../src/kube/client.ts';
import type { VirtualClock } from './clock.ts';

/** How the way between one process and the API server is. */
export interface Way {
  /** Milliseconds from the process to the server, and as many back. */
  delay: number;
  /** `no-request`: nothing arrives. `no-answer`: everything arrives and is done, but nobody hears of it. */
  broken: 'no-request' | 'no-answer' | undefined;
}

/** Leases as an API server keeps them, with conditional writes, in the time of a clock that a test moves. */
export class LeaseStore {
  readonly #clock: VirtualClock;
  #lease: RawObject | undefined;
  #version = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get lease(): RawObject | undefined {
    return this.#lease;
  }

  get spec(): Readonly<Record<string, unknown>> | undefined {
    return this.#lease && (Object(this.#lease['spec']) as Record<string, unknown>);
  }

  /** As somebody does who knows nothing of elections. */
  remove(): void {
    this.#lease = undefined;
  }

  write(spec: Readonly<Record<string, unknown>>): void {
    this.#store({ metadata: { name: 'controller' }, spec });
  }

  /** What a process sees of it. A call whose answer never comes ends by its signal, or hangs where it has none. */
  clientBy(way: Way): Pick<ApiClient, 'get' | 'create' | 'replace'> {
    const call = async (work: () => RawObject | undefined, signal?: AbortSignal) => {
      if (way.broken === 'no-request') await aborted(signal);
      await this.#pass(way.delay);
      const result = outcomeOf(work);
      if (way.broken !== undefined) await aborted(signal);
      await this.#pass(way.delay);
      signal?.throwIfAborted();
      if (result instanceof Error) throw result;
      return result;
    };
    return {
      get: (_resource, _place, signal) => call(() => this.#lease, signal),
      create: async (_resource, _place, manifest) =>
        stored(await call(() => this.#create(manifest as RawObject))),
      replace: async (_resource, _place, manifest, signal) =>
        stored(await call(() => this.#replace(manifest as RawObject), signal)),
    };
  }

  #create(manifest: RawObject): RawObject {
    if (this.#lease !== undefined) throw conflict('AlreadyExists');
    return this.#store(manifest);
  }

  #replace(manifest: RawObject): RawObject {
    const held = this.#lease?.metadata.resourceVersion;
    if (held === undefined || manifest.metadata.resourceVersion !== held) throw conflict('Conflict');
    return this.#store(manifest);
  }

  #store(manifest: RawObject): RawObject {
    const metadata = { ...manifest.metadata, resourceVersion: `${++this.#version}` };
    this.#lease = { ...manifest, metadata };
    return this.#lease;
  }

  #pass(milliseconds: number): Promise<void> {
    return new Promise(resolve => this.#clock.after(milliseconds, resolve));
  }
}

function conflict(reason: string): ApiError {
  return new ApiError('write Lease controller', { status: 409, reason, message: 'it has changed' });
}

function outcomeOf(work: () => RawObject | undefined): RawObject | undefined | Error {
  try {
    return work();
  } catch (thrown) {
    return thrown as Error;
  }
}

function stored(result: RawObject | undefined): RawObject {
  if (result === undefined) throw new Error('a write without a result');
  return result;
}

function aborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
}
