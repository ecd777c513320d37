import { once } from 'node:events';
import { createServer } from 'node:net';
import { Cluster } from '../cluster.ts';
import { openEgress } from './egress.ts';
import { egressPath } from './folders.ts';
import { startKubeProxy } from './kube-proxy.ts';
import { Kubelet } from './kubelet.ts';
import { offerApiServer } from './kubernetes-service.ts';
import { serveLogs } from './log-server.ts';
import { NodeNetwork } from './network.ts';

// The part of the program `node` that stands in the node's network; outside.ts starts it and ends it.
const folder = process.argv[2] ?? '';
const cluster = Cluster.at(folder);
const network = await NodeNetwork.setUp(cluster.description);

// Served outside. On all addresses: at 127.0.0.1 of this network, too, the API server is where every kubeconfig says.
const port = createServer().listen(cluster.description.ports.api);
await once(port, 'listening');
await new Promise(resolve => process.send?.('port', port, resolve));
port.close();

await openEgress(egressPath(folder));
await offerApiServer(cluster);
await startKubeProxy(cluster, folder);
const kubelet = new Kubelet(cluster, network, folder);
await serveLogs(cluster.pki, (...container) => kubelet.logOf(...container));
process.on('message', async () => {
  await kubelet.end();
  process.exit();
});
process.send?.('ready');
await kubelet.run();
