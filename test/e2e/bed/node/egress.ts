import { rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';

/** Opens connections to pods for the API server, which asks for them with HTTP CONNECT. */
export async function openEgress(path: string): Promise<void> {
  rmSync(path, { force: true });
  const server = createServer((_, response) => response.writeHead(405).end());
  server.on('connect', (request, client, head) => {
    const target = new URL(`tcp://${request.url}`);
    const host = target.hostname.replaceAll(/[[\]]/g, '');
    const pod = connect({ host, port: Number(target.port) });
    pod.once('connect', () => {
      open = true;
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      pod.write(head);
      pod.pipe(client).pipe(pod);
    });
    let open = false;
    pod.once('error', error => {
      if (open) client.destroy();
      else client.end(`HTTP/1.1 502 ${error.message}\r\n\r\n`);
    });
    client.once('error', () => pod.destroy());
    client.once('close', () => pod.destroy());
  });
  await new Promise<void>(resolve => server.listen(path, resolve));
}
