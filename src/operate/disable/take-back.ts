import type { ApiClient } from '../../kube/client.ts';
import { type PublishedOn, takeBackFrom } from '../../kube/published-nodes.ts';

/** Nodes that are written at once. */
const ABREAST = 16;

/** Takes what routing agents published from their Nodes. */
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
      await takeBackFrom(client, node, signal);
      detail(`${nodes.length - left.length} of ${nodes.length}`);
    }
  };
  await Promise.all(Array.from({ length: ABREAST }, worker));
}
