import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { inClusterOrKubeconfig } from '../../src/kube/credentials.ts';
import { exportedService, imports, joined, SOON } from '../kit/joined.ts';

test('the token file of the controller turns over: once the old token is refused it goes on with the new one', async () => {
  const { east, west } = await joined();
  const folder = await mkdtemp(join(tmpdir(), 'own-credential-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const tokenFile = join(folder, 'token');
  const path = join(folder, 'kubeconfig');
  // As a pod's service account has it.
  const provider = { name: 'tokenFile', config: { tokenFile } };
  await writeFile(path, west.kubeconfig({ token: null, 'auth-provider': provider }));
  await writeFile(tokenFile, 'first\n');
  west.api.token = 'first';
  await west.control({ connection: await inClusterOrKubeconfig(path), identity: 'west' });
  east.api.load(exportedService('pay'));
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/pay']), SOON);

  await writeFile(tokenFile, 'second\n');
  west.api.token = 'second';
  // Watches that were let in before would go on until they end.
  await west.api.stop();
  await west.api.start();
  east.api.load(exportedService('late'));
  west.api.load(exportedService('cart'));
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/cart', 'shop/late', 'shop/pay']), SOON);
});
