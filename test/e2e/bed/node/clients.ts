import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { encode } from 'dns-packet';
import type { Manifest } from '../api.ts';

const PORT = 53;
const PAUSE = 500;
const QUESTION = encode({
  id: 1,
  type: 'query',
  questions: [{ type: 'A', name: 'kubernetes.default.svc.cluster.local' }],
});

/**
 * Asks a cluster's own DNS all the time, as its pods do; other pods are left alone.
 *
 * A CoreDNS that nobody asks may hang in a reload: while its new servers take over the sockets these block for a
 * moment, and a former server that reads just then, such as the question with which the plugin `loop` starts, is not
 * done before somebody asks (CoreDNS 1.14.7 with Go 1.26; one reload in some hundreds).
 */
export async function askAsPodsDo({ metadata }: Manifest, host: string, signal: AbortSignal): Promise<void> {
  if (metadata.labels?.['k8s-app'] !== 'kube-dns') return;
  const socket = createSocket('udp4').on('error', () => {});
  while (!signal.aborted) {
    socket.send(QUESTION, PORT, host);
    await askByStream(host).catch(() => {});
    await sleep(PAUSE, undefined, { signal }).catch(() => {});
  }
  socket.close();
}

async function askByStream(host: string): Promise<void> {
  const socket = connect({ host, port: PORT });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PAUSE) });
  } finally {
    socket.on('error', () => {}).destroy();
  }
}
