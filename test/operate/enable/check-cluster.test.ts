import { expect, onTestFinished, test } from 'vitest';
import { HttpsApiClient } from '../../../src/kube/https-client.ts';
import { deployFiles } from '../../../src/operate/deploy-files.ts';
import { checkCluster } from '../../../src/operate/enable/check-cluster.ts';
import { ApiServer } from '../../kit/api-server.ts';

const SERVICE_CIDR = `
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: kubernetes}
spec: {cidrs: [10.96.0.0/16]}
`;

async function clashes(serviceCidrs: readonly string[], podCidrs: readonly string[]) {
  const server = await new ApiServer().start();
  onTestFinished(() => server.end());
  server.load(SERVICE_CIDR);
  const cluster = { context: 'east', client: new HttpsApiClient(server.connection()) };
  const identity = { clusterId: 'east', clusterset: undefined, namespace: 'causeway-system' };
  const options = { ...identity, serviceCidrs, podCidrs, replaceDefinitions: false };
  const signal = new AbortController().signal;
  const { findings } = await checkCluster(cluster, await deployFiles(), [], options, signal);
  return findings.filter(({ check }) => check.startsWith('cidr.'));
}

test.each([
  ['the very same', [], '10.96.0.0/16', '10.96.0.0/16'],
  ['one that holds those of Services', [], '10.0.0.0/8', '10.96.0.0/16'],
  ['one among them, whatever is said of Services', ['10.7.0.0/16'], '10.96.8.0/24', '10.96.0.0/16'],
  ['that of Services as given', ['10.7.0.0/16'], '10.7.0.0/16', '10.7.0.0/16'],
])(
  'a cluster is not given addresses of Services for those of its pods: %s',
  async (_, given, pods, services) => {
    expect(await clashes(given, [pods])).toEqual([
      {
        check: 'cidr.within',
        about: 'east',
        verdict: 'bad',
        found: `within the cluster, the Services (${services}) overlap the pods (${pods})`,
        remedy: 'give the blocks that it has with --pod-cidr and --service-cidr: no address is both',
      },
    ]);
  },
);

test('blocks apart from each other are no finding', async () => {
  expect(await clashes([], ['10.97.0.0/16', 'fd00::/64'])).toEqual([]);
});
