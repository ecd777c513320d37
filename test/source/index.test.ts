import { expect, test } from 'vitest';
import { loggerTo } from '../../src/ops/log.ts';
import { createSourceMetrics } from '../../src/ops/metrics.ts';
import { openSource } from '../../src/source/index.ts';

const options = {
  log: loggerTo({ write: () => undefined }, 'silent'),
  metrics: createSourceMetrics(),
  sink: { changed: () => undefined, synced: () => undefined },
};

test('a source is named by its scheme and the rest of the text', () => {
  expect(openSource('directory:/etc/mesh:2', options).name).toBe('directory:/etc/mesh:2');
});

test.each(['mesh', 'directory', 'directory:', 'Directory:mesh', 'toString:mesh', 'ftp:mesh', ''])(
  '%j names no source, and the message says what would',
  text => {
    expect(() => openSource(text, options)).toThrowError(
      expect.objectContaining({
        code: 'SETTING_INVALID',
        message: expect.stringMatching(/^--source: found ".*": must be directory.*directory:mesh$/),
      }),
    );
  },
);
