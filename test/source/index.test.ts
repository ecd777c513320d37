import { expect, test } from 'vitest';
import { loggerTo } from '../../src/ops/log.ts';
import { createSourceMetrics } from '../../src/ops/metrics.ts';
import { openSource } from '../../src/source/index.ts';

const options = {
  log: loggerTo({ write: () => undefined }, 'silent'),
  metrics: createSourceMetrics(),
  sink: { changed: () => undefined, synced: () => undefined },
};

test('a source is named as the operator wrote it', async () => {
  const directory = await openSource({ scheme: 'directory', path: '/etc/mesh:2' }, options);
  expect(directory.name).toBe('directory:/etc/mesh:2');
  expect((await openSource({ scheme: 'kubernetes' }, options)).name).toBe('kubernetes');
});

test('an API server that nobody says how to reach keeps the daemon from starting', async () => {
  const source = await openSource(
    { scheme: 'kubernetes' },
    { ...options, kubeconfig: '/nowhere/kubeconfig' },
  );
  await expect(source.start()).rejects.toMatchObject({
    code: 'KUBECONFIG_INVALID',
    message: expect.stringContaining('/nowhere/kubeconfig'),
  });
  await source.stop();
});
