import type { ApiClient } from '../../kube/client.ts';
import { type Kind, resourceOf } from '../../kube/resource.ts';
import type { RemovedObject } from '../../views/disable.ts';
import type { Finding } from '../../views/finding.ts';
import { untilFound } from '../until-found.ts';

interface StillThere extends RemovedObject {
  readonly why: string | undefined;
}

/** Requests at once: thousands of EndpointSlices shall not take minutes. */
const ABREAST = 16;

/** Removes objects, those of one kind side by side, the kinds one after the other. */
export async function removeObjects(
  client: ApiClient,
  objects: readonly RemovedObject[],
  detail: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let done = 0;
  for (const [kind, same] of Map.groupBy(objects, one => one.kind)) {
    const resource = resourceOf(kind as Kind);
    const left = [...same];
    const worker = async () => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) {
        signal.throwIfAborted();
        await client.remove(resource, one, { signal });
        detail(`${++done} of ${objects.length}`);
      }
    };
    await Promise.all(Array.from({ length: ABREAST }, worker));
  }
}

/**
 * Waits until objects are gone that take their time: namespaces, and definitions.
 *
 * @param timeout milliseconds
 * @returns what is still there then, and why
 */
export async function untilGone(
  client: ApiClient,
  objects: readonly RemovedObject[],
  timeout: number,
  detail: (text: string) => void,
  signal: AbortSignal,
): Promise<Finding[]> {
  let left: StillThere[] = [];
  await untilFound(timeout, signal, async () => {
    const looks = objects.map(one => client.get(resourceOf(one.kind as Kind), one, signal));
    const seen = await Promise.all(looks);
    left = objects.flatMap((one, index) =>
      seen[index] === undefined ? [] : [{ ...one, why: whyOf(seen[index]) }],
    );
    const [first] = left;
    if (first === undefined) return true;
    detail(`${left.length} left; ${first.name}${first.why === undefined ? '' : `: ${first.why}`}`);
    return undefined;
  });
  return left.map(stillThere);
}

/** The conditions of a namespace, and of a definition, say what holds them up. */
function whyOf(raw: unknown): string | undefined {
  const { conditions } = Object(Object(raw).status);
  const held: { type?: unknown; status?: unknown; message?: unknown }[] = Array.isArray(conditions)
    ? conditions
    : [];
  const telling = held.filter(
    ({ type, status }) => status === 'True' && /Remaining$|Failure$|^Terminating$/.test(`${type}`),
  );
  return telling.map(({ message }) => `${message}`)[0];
}

function stillThere({ kind, name, why }: StillThere): Finding {
  return {
    check: 'removed',
    about: `${kind} ${name}`,
    verdict: 'bad',
    found: `is still being deleted${why === undefined ? '' : `: ${why}`}`,
    remedy: `see kubectl get ${kind.toLowerCase()} ${name} -o yaml; run this again when it is mended`,
  };
}
