import { expect, test } from 'vitest';
import type { ListPage, StoredObject } from '../../src/kube/client.ts';
import { listPages } from '../../src/kube/list-pages.ts';
import { RESOURCES } from '../../src/kube/resource.ts';

/** Lists from something that has these pages, for ever. */
function listOf(page: ListPage): Promise<string> {
  const client = { server: 'https://east', list: async () => page };
  return listPages(client, RESOURCES.services, {}, () => {}, new AbortController().signal);
}

const object = { metadata: { name: 'api', resourceVersion: '1' } } satisfies StoredObject;

test.each([
  ['that are empty', []],
  ['with more objects than there can be', new Array<StoredObject>(10_000).fill(object)],
])('a server that always has one more page, of pages %s, is left', async (_, items) => {
  await expect(listOf({ items, resourceVersion: '1', continue: 'more' })).rejects.toMatchObject({
    code: 'API_ANSWER_INVALID',
    message: expect.stringMatching(/^could not list services at https:\/\/east: there are more than 200000/),
  });
});
