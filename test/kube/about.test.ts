import { expect, onTestFinished, test } from 'vitest';
import { HttpsApiClient } from '../../src/kube/https-client.ts';
import { ApiServer } from '../kit/api-server.ts';

async function about(page: string) {
  const server = await new ApiServer().start();
  onTestFinished(() => server.end());
  server.pages.set('/version', { status: 200, text: page });
  return new HttpsApiClient(server.connection()).about();
}

test('an API server says its version, and what time it is by its own clock', async () => {
  const before = Date.now();
  const { version, time = 0 } = await about('{"major": "1", "gitVersion": "v1.34.2"}');
  expect(version).toBe('v1.34.2');
  // In whole seconds that have passed.
  expect(time).toBeGreaterThan(before - 1_000);
  expect(time).toBeLessThanOrEqual(Date.now());
});

test.each(['{}', '<html>', 'null'])('what answers %j is no API server', async page => {
  await expect(about(page)).rejects.toMatchObject({ code: 'API_ANSWER_INVALID' });
});
