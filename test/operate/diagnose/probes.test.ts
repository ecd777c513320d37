import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { dnsAnswers } from '../../../src/diagnose/dns-answers.ts';
import { HttpsApiClient } from '../../../src/kube/https-client.ts';
import { largestAnswer, probesOf } from '../../../src/operate/diagnose/probes.ts';
import { ApiServer } from '../../kit/api-server.ts';
import { Causeway } from '../../kit/daemon.ts';
import { clusterOf, factsOf, said } from '../../kit/diagnose-facts.ts';
import { objects } from '../../kit/diagnose-running.ts';
import { temporaryDirectory } from '../../kit/directory.ts';
import { packet } from '../../kit/packet.ts';
import { service, serviceExport, slice } from '../../kit/shop.ts';

const { signal } = new AbortController();
const ZONE = 'clusterset.local';
const HEADLESS = 'clusterIP: None, ipFamilies: [IPv4], ports: [{name: http, port: 80}]';
const pods = (count: number) => Array.from({ length: count }, (_, index) => `10.10.1.${index + 1}`);

/** What a cluster has whose daemon listens on a port of loopback. */
const behind = (port: number) =>
  objects(`
metadata: {labels: {kubernetes.io/service-name: causeway-dns}}
ports: [{port: ${port}, protocol: UDP}, {port: ${port}, protocol: TCP}]
endpoints: [{addresses: [127.0.0.1]}]
`);

/** An API server that shows the imports of headless services with so many endpoints. */
async function importing(counts: Readonly<Record<string, number>>): Promise<HttpsApiClient> {
  const server = await new ApiServer().start();
  onTestFinished(() => server.end());
  for (const [name, count] of Object.entries(counts)) {
    const endpoints = pods(count).map(address => `{addresses: [${address}]}`);
    server.load(`
apiVersion: multicluster.x-k8s.io/v1beta1
kind: ServiceImport
metadata: {namespace: shop, name: ${name}}
spec: {type: Headless}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {namespace: shop, name: ${name}-a, labels: {multicluster.kubernetes.io/service-name: ${name}}}
addressType: IPv4
endpoints: [${endpoints.join(', ')}]
`);
  }
  return new HttpsApiClient(server.connection());
}

async function daemon(size: number): Promise<number> {
  const root = temporaryDirectory({
    'east/db.yaml': service('db', { spec: HEADLESS }) + serviceExport('db') + slice('db', pods(size)),
  });
  const causeway = new Causeway([
    ...['dns', '--source', `directory:${root}`, '--cluster-id', 'east'],
    ...['--listen', '127.0.0.1:0', '--http-listen', '127.0.0.1:0'],
  ]);
  onTestFinished(() => causeway.signal('SIGKILL'));
  return (await causeway.ready()).dns;
}

async function linesOf(client: HttpsApiClient, port: number): Promise<string[]> {
  const slices = behind(port);
  const probes = await probesOf(slices, [], ZONE, signal);
  const largest = await largestAnswer(client, slices, ZONE, signal);
  const lines = said(dnsAnswers, factsOf(clusterOf({ probes, largest })));
  return lines.map(line => line.replace(/\d+ ms$/, 'N ms'));
}

test.each([
  { size: 60, way: 'over UDP' },
  { size: 200, way: 'over TCP, as there are more than fit into a datagram' },
])('a real daemon, and the largest of its answers: $size addresses', async ({ size, way }) => {
  const port = await daemon(size);
  expect(await linesOf(await importing({ cache: 3, db: size }), port)).toEqual([
    `✓ answer.udp east: 127.0.0.1 port ${port} answers NOERROR within N ms`,
    `✓ answer.tcp east: 127.0.0.1 port ${port} answers NOERROR within N ms`,
    `✓ answer.size east: all ${size} addresses of db.shop.svc.clusterset.local came ${way}`,
  ]);
});

test('a network that answers for others is no daemon of ours', async () => {
  const socket = createSocket('udp4');
  onTestFinished(() => void socket.close());
  socket.on('message', (query, from) => {
    const nobody = packet({ id: query.readUInt16BE(0), flags: 0x8183, questions: [] });
    socket.send(nobody, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const [udp] = await linesOf(await importing({}), port);
  expect(udp).toBe(
    `? answer.udp east: this machine does not reach the network of the pods: 127.0.0.1 port ${port}: what answers (NXDOMAIN) is not Causeway`,
  );
});
