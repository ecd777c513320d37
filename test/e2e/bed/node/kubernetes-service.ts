import type { Cluster } from '../cluster.ts';
import { nodeAddress } from '../description.ts';

/**
 * Leads the Service `default/kubernetes`, through which pods find the API server, to the node. The API server would do
 * it itself, with the loopback address that it listens on.
 */
export async function offerApiServer({ admin, description }: Cluster): Promise<void> {
  const name = 'kubernetes';
  await admin.apply({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { namespace: 'default', name, labels: { 'kubernetes.io/service-name': name } },
    addressType: 'IPv4',
    ports: [{ name: 'https', port: description.ports.api, protocol: 'TCP' }],
    endpoints: [{ addresses: [nodeAddress(description)], conditions: { ready: true } }],
  });
}
