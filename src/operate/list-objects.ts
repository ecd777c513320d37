import type { ApiClient, Selection } from '../kube/client.ts';
import { listPages } from '../kube/list-pages.ts';
import type { Resource } from '../kube/resource.ts';
import { Problems } from '../objects/problem.ts';

/** Objects as a reader cuts them down. Those that it cannot read are left out: API servers refuse most of them. */
export async function listObjects<Read>(
  client: ApiClient,
  resource: Resource,
  selection: Selection,
  read: (raw: unknown, problems: Problems) => Read | undefined,
  signal: AbortSignal,
): Promise<Read[]> {
  const found: Read[] = [];
  const take = (raw: unknown) => {
    const one = read(raw, Problems.ignored());
    if (one !== undefined) found.push(one);
  };
  await listPages(client, resource, selection, take, signal);
  return found;
}
