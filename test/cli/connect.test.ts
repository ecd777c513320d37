import { describe, expect, test } from 'vitest';
import type { Connect } from '../../src/views/connect.ts';
import { OperatorsCluster } from '../kit/command-run.ts';

/** Types a command with a kubeconfig whose one context is `east`. */
async function typed(line: string) {
  const cluster = await OperatorsCluster.start();
  await cluster.api.stop();
  return cluster.run(line);
}

describe('what cannot be understood is one line, and code 2', () => {
  test.each([
    ['connect --context east', '--destination-context: is missing, must be the context of the other cluster'],
    ['connect --destination-context south', 'there is no context south; it has east'],
    ['connect --destination-context east --contexts a,b', '--contexts: is for --all'],
    ['connect --all', '--contexts: must name two contexts at least'],
    ['connect --all --contexts east,east', '--contexts: must name two contexts at least'],
    ['connect --all --contexts east,west --weight 3', '--all: goes with --contexts alone'],
    ['connect --all --contexts east,west --one-way', '--all: goes with --contexts alone'],
    [
      'connect --destination-context east --token-lifetime 1m',
      '--token-lifetime: found "1m", must be a duration',
    ],
    ['connect --destination-context east --encryption maybe', '--encryption: found "maybe", must be'],
    ['connect --destination-context east --weight 1001', '--weight: found "1001", must be'],
    [
      'connect --destination-context east --region a/b',
      '--region: found "a/b", must be the value of a label',
    ],
    [
      'connect --destination-context east --server-override http://a',
      '--server-override: found "http://a", must be',
    ],
    ['connect --destination-context east --server-override https://me:pw@a', '--server-override: found'],
    [
      'connect --destination-context east --server-override https://a --destination-server-override https://A:443/',
      '--destination-server-override: is https://a, as --server-override is; two clusters have two API servers',
    ],
    ['disconnect', '--destination-context: must be given, or else the id of the other cluster, and not both'],
    ['disconnect west --destination-context east', '--destination-context: must be given, or else the id'],
    ['disconnect W_est', '<cluster>: found "W_est", must be a cluster id'],
  ])('causeway %s', async (line, says) => {
    const { code, complaints } = await typed(line);
    expect([code, complaints]).toEqual([2, [expect.stringContaining(says)]]);
  });
});

test.each(['connect --destination-context east', 'disconnect west'])(
  'causeway %s: an API server that does not answer is one line, and code 3',
  async line => {
    const { code, complaints } = await typed(line);
    expect([code, complaints]).toEqual([
      3,
      [expect.stringMatching(/^could not get .* at https:\/\/127\.0\.0\.1:\d+: /)],
    ]);
  },
);

describe('disconnect from a cluster of which nothing is here', () => {
  const misnamed = '⚠ eest: nothing of a cluster of that name is in east, which reads west\n';

  test.each([
    { there: 'west', line: 'disconnect eest', said: true },
    { there: 'none', line: 'disconnect eest', said: false },
    { there: 'west', line: 'disconnect west', said: false },
  ])('$line, where $there is connected', async ({ there, line, said }) => {
    const cluster = await OperatorsCluster.start();
    if (there !== 'none') {
      cluster.api.load(`
apiVersion: causeway.dev/v1alpha1
kind: RemoteCluster
metadata: {name: ${there}}
spec: {secretRef: {name: causeway-remote-${there}}}
`);
    }
    const { code, output } = await cluster.run(`${line} --dry-run`);
    expect([code, output.includes(misnamed)]).toEqual([0, said]);
    expect(output.includes('causeway disconnect --context')).toBe(line === 'disconnect west');
  });

  test.each(['east', '--destination-context east'])('%s, which is the cluster itself', async words => {
    const cluster = await OperatorsCluster.start();
    cluster.api.load(`
apiVersion: about.k8s.io/v1beta1
kind: ClusterProperty
metadata: {name: cluster.clusterset.k8s.io}
spec: {value: east}
`);
    const { code, complaints } = await cluster.run(`disconnect ${words}`);
    expect([code, complaints]).toEqual([
      2,
      ['the cluster to part east from is east, which is east itself; name the other one'],
    ]);
  });
});

test.each([
  { words: '', verdict: 'unknown' },
  { words: ' --skip-server-check', verdict: 'warning' },
])('connect --server-override https://127.0.0.1:1$words: who answers there', async ({ words, verdict }) => {
  const cluster = await OperatorsCluster.start();
  const line = 'connect --destination-context east --server-override https://127.0.0.1:1 -o json';
  const { code, output } = await cluster.run(`${line}${words}`);
  const { findings }: Connect = JSON.parse(output);
  const certificates = findings.filter(({ check }) => check === 'member.certificate');
  // The contexts are the same, and nothing is enabled there.
  expect([code, certificates.map(one => one.verdict)]).toEqual([1, [verdict, 'good']]);
});
