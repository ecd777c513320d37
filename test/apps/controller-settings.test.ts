import { expect, test } from 'vitest';
import { type ControllerConfig, controllerSettings } from '../../src/apps/controller-settings.ts';
import { type Given, readSettings } from '../../src/apps/setting.ts';

function read(flags: Given['flags'] = {}): ControllerConfig {
  return readSettings(controllerSettings, { flags, operands: {}, environment: {} });
}

test('the defaults', () => {
  expect(read()).toEqual({
    kubeconfig: undefined,
    namespace: 'causeway-system',
    clusterLostAfter: 15_000,
    clusterBackAfter: 5_000,
    concurrency: 16,
    leaderElection: true,
    identity: undefined,
    httpListen: { address: '127.0.0.1', port: 9354 },
    logLevel: 'info',
    logFormat: 'auto',
  });
});

test.each<[keyof ControllerConfig, string, unknown]>([
  ['namespace', 'mesh', 'mesh'],
  ['clusterLostAfter', '3s', 3_000],
  ['clusterBackAfter', '1s', 1_000],
  ['concurrency', '1', 1],
  ['leaderElection', 'false', false],
  ['identity', 'host 1', 'host 1'],
])('%s %s', (name, text, value) => {
  expect(read({ [name]: [text] })[name]).toEqual(value);
});

test.each<[keyof ControllerConfig, string, string]>([
  [
    'namespace',
    'Mesh',
    '--namespace: found "Mesh", must be the name of a namespace: lower-case letters, digits and hyphens, at most 63 characters',
  ],
  [
    'clusterLostAfter',
    '2999ms',
    '--cluster-lost-after: found "2999ms", must be a duration such as 30s or 2m, from 3s to 60m',
  ],
  ['concurrency', '0', '--concurrency: found "0", must be a whole number of services from 1 to 256'],
])('%s %s is refused, in words', (name, text, message) => {
  expect(() => read({ [name]: [text] })).toThrow(message);
});
