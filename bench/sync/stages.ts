import type { RawObject } from '../../src/kube/client.ts';
import { inClusterOrKubeconfig } from '../../src/kube/credentials.ts';
import { HttpsApiClient } from '../../src/kube/https-client.ts';
import { RESOURCES } from '../../src/kube/resource.ts';
import type { Cluster } from '../../test/e2e/bed/cluster.ts';
import { changeIn } from './exported.ts';

const WATCH_SECONDS = 3_600;

/** When changes pass by at one API server: which part of their way takes how long. */
export class Stage {
  /** By number of the change, on the clock of `performance.now()`. */
  readonly seen = new Map<number, number>();
  readonly #client: HttpsApiClient;
  readonly #ending = new AbortController();
  readonly #watching: Promise<void>;

  private constructor(client: HttpsApiClient, version: string, labelSelector: string) {
    this.#client = client;
    const asked = { labelSelector, resourceVersion: version, timeoutSeconds: WATCH_SECONDS };
    const events = {
      heard: () => undefined,
      event: (event: object) => {
        if ('object' in event) this.#note(event.object as RawObject);
      },
    };
    this.#watching = client
      .watch(RESOURCES.endpointSlices, asked, events, this.#ending.signal)
      .catch(() => undefined);
  }

  static async open(cluster: Cluster, labelSelector: string): Promise<Stage> {
    const client = new HttpsApiClient(await inClusterOrKubeconfig(await cluster.kubeconfig()));
    const { resourceVersion } = await client.list(RESOURCES.endpointSlices, { labelSelector, limit: 1 });
    return new Stage(client, resourceVersion, labelSelector);
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#watching;
    this.#client.close();
  }

  #note({ endpoints }: RawObject): void {
    const now = performance.now();
    const lists = (endpoints ?? []) as readonly { readonly addresses: readonly string[] }[];
    const number = changeIn(lists.flatMap(({ addresses }) => addresses));
    if (!this.seen.has(number)) this.seen.set(number, now);
  }
}
