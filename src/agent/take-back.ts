import { CausewayError, messageOf } from '../base/errors.ts';
import { orAborted } from '../base/or-aborted.ts';
import type { ApiClient } from '../kube/client.ts';
import { findPublished, takeBackFrom } from '../kube/published-nodes.ts';
import { PUBLISHED_ANNOTATIONS } from '../objects/node-annotations.ts';
import { patienceFor, type Waiting } from './patience.ts';

export interface TakeBackParts extends Waiting {
  readonly nodeName: string;
  /** Throws where there is nothing to reach the API server by. */
  readonly connect: () => Promise<ApiClient>;
}

/**
 * Takes from its Node what an agent published there, and says as lines what that was.
 *
 * @param pretend leaves it at saying
 * @throws CausewayError of what kept it from that, which says what may be left, and how it goes
 */
export async function takeBackOwn(parts: TakeBackParts, pretend: boolean): Promise<string[]> {
  const { nodeName } = parts;
  const { signal, end } = patienceFor(
    parts,
    () => `the API server, to take from Node ${nodeName} what was published there`,
  );
  try {
    return await takeBack(parts, pretend, signal);
  } catch (error) {
    const reason = messageOf(error).replaceAll(/\s+/g, ' ');
    const command = commandFor(nodeName, PUBLISHED_ANNOTATIONS);
    throw new CausewayError(
      error instanceof CausewayError ? error.code : 'API_UNREACHABLE',
      `Node ${nodeName} may keep what was published there, by which others go still: ${reason}; ` +
        `to take it away: ${command}`,
      { cause: error },
    );
  } finally {
    end();
  }
}

async function takeBack(
  { nodeName, connect }: TakeBackParts,
  pretend: boolean,
  signal: AbortSignal,
): Promise<string[]> {
  // A client that comes too late has no connection that would have to be closed.
  const client = await orAborted(connect(), signal);
  try {
    const selection = { fieldSelector: `metadata.name=${nodeName}` };
    const [node] = await findPublished(client, selection, signal);
    if (node === undefined)
      return [`# there is no Node ${nodeName} with annotations of ours; --node-name says which one this is`];
    if (!pretend) await takeBackFrom(client, node, signal);
    return [commandFor(nodeName, node.annotations)];
  } finally {
    client.close();
  }
}

function commandFor(nodeName: string, annotations: readonly string[]): string {
  return ['kubectl annotate node', nodeName, ...annotations.map(name => `${name}-`)].join(' ');
}
