import type { ApiClient } from '../../kube/client.ts';
import { Informer } from '../../kube/informer.ts';
import { RESOURCES } from '../../kube/resource.ts';
import type { Logger } from '../../ops/log.ts';
import type { PublishedNodes, ReadNode } from './published-nodes.ts';

export interface NodeInformerOptions {
  readonly client: ApiClient;
  readonly nodes: PublishedNodes;
  /** Throws where the cluster is not, or does not say that it is, the one that was connected to. */
  readonly believe: (signal: AbortSignal) => Promise<void>;
  /** What is known of the nodes has changed. */
  readonly changed: () => void;
  readonly log: Logger;
}

/**
 * Reads the nodes of a remote cluster. Apart from what it publishes: a credential that may not read them, as older ones
 * may not, gives services all the same.
 */
export function nodeInformer({
  client,
  nodes,
  believe,
  changed,
  log,
}: NodeInformerOptions): Informer<ReadNode> {
  const told =
    <T>(tell: (value: T) => void) =>
    (value: T): void => {
      tell(value);
      changed();
    };
  return new Informer<ReadNode>({
    client,
    resource: RESOURCES.nodes,
    selection: {},
    read: raw => nodes.read(raw),
    believe,
    log,
    random: Math.random,
    listener: {
      put: one => nodes.put(one),
      dropped: ({ node }) => nodes.drop(node),
      listed: told(list => nodes.listed(list)),
      synced: () => {},
      stale: told(reason => nodes.stale(reason)),
      fresh: () => {
        nodes.fresh();
        changed();
      },
    },
  });
}
