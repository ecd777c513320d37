import { ApiError } from '../../kube/api-error.ts';
import type { ApiClient } from '../../kube/client.ts';
import { listPages } from '../../kube/list-pages.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { publishedAnnotations } from '../../objects/node-annotations.ts';

/** A Node on which a routing agent has published something. */
export interface PublishedOn {
  readonly name: string;
  readonly uid: string | undefined;
}

/** Nodes that are written at once. */
const ABREAST = 16;
const NOTHING = publishedAnnotations({});

/**
 * The Nodes on which routing agents published something. It outlives them: other clusters would go on sending to these
 * nodes, and a last `down` would still count when Causeway comes back.
 *
 * @throws ApiError where Nodes may not be listed
 */
export async function findPublished(client: ApiClient, signal: AbortSignal): Promise<PublishedOn[]> {
  const found: PublishedOn[] = [];
  await listPages(
    client,
    RESOURCES.nodes,
    {},
    ({ metadata: { name, uid, annotations = {} } }) => {
      if (Object.keys(NOTHING).some(key => key in annotations)) found.push({ name, uid });
    },
    signal,
  );
  return found;
}

/** Takes it from their Nodes; one that is gone meanwhile has taken it along. */
export async function takeBack(
  client: ApiClient,
  nodes: readonly PublishedOn[],
  detail: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const left = [...nodes];
  const worker = async () => {
    for (let node = left.shift(); node !== undefined; node = left.shift()) {
      signal.throwIfAborted();
      await takeBackOne(client, node, signal);
      detail(`${nodes.length - left.length} of ${nodes.length}`);
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, worker));
}

async function takeBackOne(
  client: ApiClient,
  { name, uid }: PublishedOn,
  signal: AbortSignal,
): Promise<void> {
  const patch = { metadata: { ...(uid && { uid }), annotations: NOTHING } };
  try {
    await client.merge(RESOURCES.nodes, { name }, patch, signal);
  } catch (thrown) {
    if (!(thrown instanceof ApiError && (thrown.status === 404 || thrown.status === 409))) throw thrown;
  }
}
