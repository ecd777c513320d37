import { readFileSync, writeFileSync } from 'node:fs';
import { ApiServer } from '../../kit/api-server.ts';
import { Authority } from '../../kit/certificate.ts';
import { base64, kubeconfig } from '../../kit/kubeconfig.ts';

/**
 * An API server in memory, on the loopback device of the network namespace that it is started in. Holds what a YAML
 * file says, and writes the kubeconfig for it to another. Prints `ready`, and then the annotations of Nodes as often as
 * they change. A SIGHUP makes it read the file again.
 */
const [yaml = '', config = ''] = process.argv.slice(2);
const authority = new Authority();
const server = await new ApiServer({ tls: authority.issue() }).start();
const load = () => server.load(readFileSync(yaml, 'utf8'));
load();
process.on('SIGHUP', load);
const cluster = { server: server.url, 'certificate-authority-data': base64(authority.cert) };
writeFileSync(config, kubeconfig({ cluster }));
console.log('ready');
server.store.follow(({ collection, record }) => {
  if (collection === '/nodes')
    console.log(JSON.stringify(JSON.parse(record.json).metadata.annotations ?? {}));
});
