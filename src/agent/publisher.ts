import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import { WorkQueue } from '../base/queue.ts';
import type { ApiClient } from '../kube/client.ts';
import { RESOURCES } from '../kube/resource.ts';
import {
  type PublishedNode,
  publishedAnnotations,
  UNHURRIED_ANNOTATIONS,
} from '../objects/node-annotations.ts';
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
  /** How many nodes this cluster has, whose agents all do the same. */
  readonly nodes: () => number;
}

/**
 * Milliseconds for which what nobody waits for stays unwritten, for each node of the cluster and at least. Every write
 * of a Node goes to everybody who watches Nodes, all agents among them, and what one has to say all may have to say at
 * once: together they write no more often than five thousand kubelets do that have nothing to report, each every 300 s.
 */
const LEISURE = { perNode: 60, least: 10_000 } as const;

const KEY = 'node';

/** Keeps the annotations of one Node to what other clusters are to know of it. Writes only what differs. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #queue: WorkQueue;
  readonly #stopping = new AbortController();
  /** Set while something waits that nobody waits for. */
  #cancelLeisure: (() => void) | undefined;
  #isDue = false;

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
    this.#cancelLeisure?.();
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
    if (differing.length === 0) return this.#settle();
    if (!this.#isDue && differing.every(([key]) => UNHURRIED_ANNOTATIONS.has(key)))
      return this.#waitALittle();
    // The uid keeps what is known of a machine that was here before off the Node of the one that took its name.
    const patch = { metadata: { uid, annotations: Object.fromEntries(differing) } };
    await client.merge(RESOURCES.nodes, { name }, patch, this.#stopping.signal);
    this.#settle();
    log.info({ annotations: differing.map(([key]) => key) }, 'published on the Node');
  }

  /** Half as long or half as much again, so that not all agents write at once what has come to all at once. */
  #waitALittle(): void {
    if (this.#cancelLeisure !== undefined) return;
    const { clock, random, nodes } = this.#options;
    const leisure = Math.max(LEISURE.least, LEISURE.perNode * nodes());
    this.#cancelLeisure = clock.after(leisure * (0.5 + random()), () => {
      this.#isDue = true;
      this.news();
    });
  }

  #settle(): void {
    this.#cancelLeisure?.();
    this.#cancelLeisure = undefined;
    this.#isDue = false;
  }
}
