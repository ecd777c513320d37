import type { ApiClient, Selection, StoredObject } from './client.ts';
import type { Resource } from './resource.ts';
import { senseless } from './transport-fault.ts';

const PAGE = 250;
/**
 * An API server that always has one more page must not fill our memory. The largest clusters have some ten thousand
 * slices.
 */
const MAX_OBJECTS = 200_000;
const MAX_PAGES = 4_000;

/**
 * Lists all objects, page by page, and gives each to `take`: only one page is held at a time. Without a resourceVersion
 * the list is a consistent read, so it is never older than what was seen before.
 *
 * @returns the list's resourceVersion, from which a watch goes on
 * @throws ApiError 410 where the list took so long that its next page is no longer to be had
 */
export async function listPages(
  client: Pick<ApiClient, 'server' | 'list'>,
  resource: Resource,
  selection: Selection,
  take: (object: StoredObject) => void,
  signal: AbortSignal,
): Promise<string> {
  let page = await client.list(resource, { ...selection, limit: PAGE }, signal);
  const { resourceVersion } = page;
  let count = 0;
  for (let pages = 1; ; pages++) {
    count += page.items.length;
    if (count > MAX_OBJECTS || pages > MAX_PAGES) {
      throw senseless(
        `list ${resource.plural} at ${client.server}`,
        `there are more than ${MAX_OBJECTS} objects`,
      );
    }
    for (const object of page.items) take(object);
    if (page.continue === undefined) return resourceVersion;
    page = await client.list(resource, { ...selection, limit: PAGE, continue: page.continue }, signal);
  }
}
