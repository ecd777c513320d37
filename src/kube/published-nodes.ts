import { PUBLISHED_ANNOTATIONS, publishedAnnotations } from '../objects/node-annotations.ts';
import { ApiError } from './api-error.ts';
import type { ApiClient, Selection } from './client.ts';
import { listPages } from './list-pages.ts';
import { RESOURCES } from './resource.ts';

const NOTHING = publishedAnnotations({});

/** A Node on which a routing agent has published something. */
export interface PublishedOn {
  readonly name: string;
  readonly uid: string | undefined;
  /** The names of the annotations that are a routing agent's. */
  readonly annotations: readonly string[];
}

/**
 * The Nodes on which routing agents published something. It outlives them: other clusters would go on encrypting for
 * keys that nobody uses, and a last `down` would still count when Causeway comes back.
 *
 * @throws ApiError where Nodes may not be listed
 */
export async function findPublished(
  client: ApiClient,
  selection: Selection,
  signal: AbortSignal,
): Promise<PublishedOn[]> {
  const found: PublishedOn[] = [];
  await listPages(
    client,
    RESOURCES.nodes,
    selection,
    ({ metadata: { name, uid, annotations = {} } }) => {
      const ours = PUBLISHED_ANNOTATIONS.filter(key => key in annotations);
      if (ours.length > 0) found.push({ name, uid, annotations: ours });
    },
    signal,
  );
  return found;
}

/** Takes it from a Node; one that is gone meanwhile has taken it along. */
export async function takeBackFrom(
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
