import { createReadStream, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pki } from '../pki.ts';

/** Where a kubelet listens; the status of a Node says so. */
export const kubeletPort = 10_250;

const pause = 200;

/** The file that a container of a running pod logs to. */
export type FindLog = (namespace: string, pod: string, container: string) => string | undefined;

/** Serves `kubectl logs`, with `--tail` and `--follow`: of what a kubelet is asked for, that alone. */
export async function serveLogs(pki: Pki, find: FindLog): Promise<void> {
  // The API server does not check whom it asks, so any certificate will do.
  const file = (name: string): Buffer => readFileSync(pki.path(`kube-apiserver.${name}`));
  const server = createServer({ cert: file('crt'), key: file('key') }, (request, response) => {
    answer(request, response, find).catch(error => response.destroy(error));
  });
  await new Promise<void>(resolve => server.listen(kubeletPort, resolve));
}

async function answer(request: IncomingMessage, response: ServerResponse, find: FindLog): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://node');
  const [, what, namespace = '', pod = '', container = ''] = pathname.split('/');
  const path = what === 'containerLogs' ? find(namespace, pod, container) : undefined;
  if (path === undefined) {
    response.writeHead(404).end(`no node of the bed has ${pathname}\n`);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/plain' });
  const text = readFileSync(path);
  const tail = searchParams.get('tailLines');
  response.write(text.subarray(tail === null ? 0 : beginOfLast(text, Number(tail))));
  if (searchParams.get('follow') === 'true') await follow(path, text.length, response);
  response.end();
}

function beginOfLast(text: Buffer, lines: number): number {
  // A line break ends the last line, it does not begin another.
  let at = text.length - 1;
  for (let left = lines; left > 0 && at > 0; left--) at = text.lastIndexOf('\n', at - 1);
  return lines === 0 ? text.length : Math.max(0, at + 1);
}

async function follow(path: string, begin: number, response: ServerResponse): Promise<void> {
  for (let at = begin; !response.destroyed; await sleep(pause)) {
    const size = statSync(path, { throwIfNoEntry: false })?.size;
    // With the pod its log goes.
    if (size === undefined) return;
    if (size > at) {
      for await (const part of createReadStream(path, { start: at, end: size - 1 })) response.write(part);
    }
    at = size;
  }
}
