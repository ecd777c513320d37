import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { WorkQueue } from '../base/queue.ts';
import type { ApiClient } from '../kube/client.ts';
import { RESOURCES } from '../kube/resource.ts';
import { type PublishedNode, publishedAnnotations } from '../objects/node-annotations.ts';
import type { Logger } from '../ops/log.ts';
import type { OwnNode } from './cluster-view.ts';

export interface PublisherOptions {
  readonly client: ApiClient;
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly log: Logger;
  /** The Node that the agent runs on, as last heard. */
  readonly node: () => OwnNode | undefined;
  /** What is to be said of it; undefined while it is not known. */
  readonly published: () => PublishedNode | undefined;
}

const KEY = 'node';

/** Keeps the annotations of one Node to what other clusters are to know of it. Writes only what differs. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #queue: WorkQueue;
  readonly #stopping = new AbortController();

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#queue = new WorkQueue({
      clock: options.clock,
      random: options.random,
      concurrency: 1,
      work: () => this.#write(),
      failed: (_key, reason, retryIn) => {
        if (this.#stopping.signal.aborted) return;
        const fields = { reason: messageOf(reason), retryIn: Math.round(retryIn) };
        options.log.warn(fields, 'what other clusters are to know of this node could not be written');
      },
    });
  }

  /** The Node may be other than it was, or what is to be said of it. */
  news(): void {
    this.#queue.add(KEY);
  }

  stop(): Promise<void> {
    this.#stopping.abort();
    return this.#queue.stop();
  }

  async #write(): Promise<void> {
    const { client, log, node, published } = this.#options;
    const there = node();
    const wanted = published();
    if (there?.annotations === undefined || wanted === undefined) return;
    const { name, uid, annotations } = there;
    const differing = Object.entries(publishedAnnotations(wanted)).filter(
      ([key, text]) => (annotations[key] ?? null) !== text,
    );
    if (differing.length === 0) return;
    // The uid keeps what is known of a machine that was here before off the Node of the one that took its name.
    const patch = { metadata: { uid, annotations: Object.fromEntries(differing) } };
    await client.merge(RESOURCES.nodes, { name }, patch, this.#stopping.signal);
    log.info({ annotations: differing.map(([key]) => key) }, 'published on the Node');
  }
}
