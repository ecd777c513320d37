import * as v from 'valibot';
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { Disable } from '../../src/views/disable.ts';
import { Enable } from '../../src/views/enable.ts';
import { OperatorsCluster } from '../kit/command-run.ts';
import { runningDeployments } from '../kit/running-deployments.ts';

const ENABLE = 'enable --context east --cluster-id east';

test('enable and disable, for programs', async () => {
  const cluster = await OperatorsCluster.start();
  runningDeployments(cluster.api);
  const enabled = await cluster.run(
    `${ENABLE} --pod-cidr 10.1.0.0/16 --service-cidr 10.2.0.0/16,fd00::/108 -o json`,
  );
  const { objects, ...rest } = v.parse(Enable, JSON.parse(enabled.output));
  expect(objects.slice(-2)).toEqual([
    { kind: 'Deployment', namespace: 'causeway-system', name: 'causeway-controller', change: 'created' },
    { kind: 'Deployment', namespace: 'causeway-system', name: 'causeway-dns', change: 'created' },
  ]);
  expect(rest).toEqual({
    context: 'east',
    clusterId: 'east',
    dryRun: false,
    findings: [
      { check: 'kubernetes.version', about: 'Kubernetes', verdict: 'good', found: 'is v1.34.2' },
      { check: 'permission', about: 'your credential', verdict: 'good', found: 'may do all that is needed' },
      {
        check: 'network.service',
        about: 'addresses of services',
        verdict: 'good',
        found: '10.2.0.0/16, fd00::/108 (--service-cidr)',
      },
      {
        check: 'network.pod',
        about: 'addresses of pods',
        verdict: 'good',
        found: '10.1.0.0/16 (--pod-cidr)',
      },
      { check: 'component.dns', about: 'causeway-dns', verdict: 'good', found: '2 of 2 pods ready' },
      {
        check: 'component.controller',
        about: 'causeway-controller',
        verdict: 'good',
        found: '2 of 2 pods ready',
      },
    ],
    next: 'causeway connect --context east --destination-context <another>',
  });
  expect([enabled.code, enabled.complaints]).toEqual([0, []]);
  expect(enabled.progress.replaceAll(/\d+\.\d s/g, 'N s')).toBe(`✓ Check the cluster (N s)
✓ Apply definitions (N s)
✓ Wait until they are served (N s)
✓ Say who the cluster is (N s)
✓ Apply permissions and workloads (N s)
✓ Wait for causeway-dns (N s)
✓ Wait for causeway-controller (N s)
`);
  const disabled = await cluster.run('disable --context east --dry-run -o json');
  const { removed, ...others } = v.parse(Disable, JSON.parse(disabled.output));
  expect(removed[0]).toEqual({ kind: 'ClusterRoleBinding', name: 'causeway-controller' });
  expect(others).toEqual({ context: 'east', dryRun: true, findings: [] });
});

test('for GitOps, without a cluster', async () => {
  const cluster = await OperatorsCluster.start();
  await cluster.api.stop();
  const { code, output, progress } = await cluster.run('enable --cluster-id east -o yaml');
  await cluster.api.start();
  expect([code, progress]).toEqual([0, '']);
  expect(parseAllDocuments(output).map(document => document.toJS().kind)).toHaveLength(29);
});

test.each<{
  what: string;
  line: string;
  given?: (cluster: OperatorsCluster) => void;
  code: number;
  complaint?: string;
}>([
  {
    what: 'no id',
    line: 'enable --context east',
    code: 2,
    complaint: '--cluster-id: is missing, must be a cluster id',
  },
  {
    what: 'no such component',
    line: `${ENABLE} --components router`,
    code: 2,
    complaint: '--components: found "router", must be one of dns, controller, agent',
  },
  {
    what: 'a block with host bits',
    line: `${ENABLE} --pod-cidr 10.10.0.1/16`,
    code: 2,
    complaint:
      '--pod-cidr: found "10.10.0.1/16", must be an address block such as 10.0.0.0/8 or fd00::/8, without host',
  },
  {
    what: 'pods that have the addresses of Services',
    line: `${ENABLE} --pod-cidr 10.2.4.0/24 --service-cidr 10.2.0.0/16`,
    code: 1,
  },
  {
    what: 'the same, where no cluster is asked',
    line: 'enable --cluster-id east --pod-cidr 10.2.4.0/24 --service-cidr 10.2.0.0/16 -o yaml',
    code: 2,
    complaint: '--pod-cidr: within the cluster, the Services (10.2.0.0/16) overlap the pods (10.2.4.0/24)',
  },
  { what: 'no such context', line: 'enable --context noon --cluster-id east', code: 2, complaint: 'noon' },
  {
    what: 'an id that is taken',
    line: `${ENABLE.replace(/east$/, 'west')}`,
    given: ({ api }) =>
      api.load(`
apiVersion: about.k8s.io/v1beta1
kind: ClusterProperty
metadata: {name: cluster.clusterset.k8s.io}
spec: {value: east}
`),
    code: 1,
  },
  {
    what: 'rights that are missing',
    line: ENABLE,
    given: ({ api }) => {
      api.reviews.rules = [];
    },
    code: 3,
  },
  {
    what: 'an API server that lets nobody in',
    line: ENABLE,
    given: ({ api }) => {
      api.token = 'another';
    },
    code: 3,
    complaint: '401 Unauthorized',
  },
])('$what ends with $code', async ({ line, given = () => {}, code, complaint }) => {
  const cluster = await OperatorsCluster.start();
  given(cluster);
  const ran = await cluster.run(line);
  expect([ran.code, ran.complaints]).toEqual([
    code,
    complaint === undefined ? [] : [expect.stringContaining(complaint)],
  ]);
});

test('an image with white space in it is none', async () => {
  const cluster = await OperatorsCluster.start();
  const { code, complaints } = await cluster.runWords([...ENABLE.split(' '), '--image', 'a b']);
  expect([code, complaints]).toEqual([
    2,
    [
      expect.stringContaining(
        '--image: found "a b", must be 1 to 512 printable ASCII characters, without white space',
      ),
    ],
  ]);
});
