import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { MergedService, MeshChange } from '../../src/mesh/model.ts';
import { loggerTo } from '../../src/ops/log.ts';
import { createSourceMetrics } from '../../src/ops/metrics.ts';
import { DirectorySource } from '../../src/source/directory/directory.ts';

export type LogLine = Readonly<Record<string, unknown>>;

/** A directory of the test's own with these files, gone when the test is over. */
export function temporaryDirectory(files: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'causeway-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) write(root, path, text);
  return root;
}

export function write(root: string, path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A Service and its ServiceExport; `address` is its cluster IP. */
export function exported(name: string, address: string, port: number | string = 80): string {
  return `apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: shop }
spec: { clusterIP: ${address}, ports: [{ name: http, port: ${port} }] }
---
apiVersion: multicluster.x-k8s.io/v1beta1
kind: ServiceExport
metadata: { name: ${name}, namespace: shop }
`;
}

/** A directory source that is not started yet, and the world as its sink knows it. */
export function directorySource(root: string, localCluster?: string) {
  const services = new Map<string, MergedService>();
  const lost: string[] = [];
  const lines: LogLine[] = [];
  const metrics = createSourceMetrics();
  const synced: number[] = [];
  const batches: number[] = [];
  const changed = (change: MeshChange) => {
    batches.push(change.services.size);
    for (const [key, service] of change.services) {
      if (service) services.set(key, service);
      else services.delete(key);
      if (service === undefined) lost.push(key);
    }
  };
  const source = new DirectorySource(root, {
    localCluster,
    log: loggerTo({ write: text => void lines.push(JSON.parse(text)) }, 'info'),
    metrics,
    sink: { changed, synced: () => synced.push(services.size) },
  });
  onTestFinished(() => source.stop());
  return {
    source,
    metrics,
    /** How many services were there when it said that it was synced, each time it did. */
    synced,
    /** How many services each batch held. */
    batches,
    /** The services that were ever taken back. */
    lost,
    /** Every service with the cluster IPs of its clusters: `shop/payments east=10.0.0.1 west=10.0.0.2`. */
    world: () => [...services].sort(([one], [other]) => (one < other ? -1 : 1)).map(describe),
    /** The log without its times, and without the lines that only tell that something was read. */
    told: () => lines.filter(line => line['msg'] !== 'source directory was read').map(withoutTime),
  };
}

/** The same, loaded. */
export async function openDirectory(root: string, localCluster?: string) {
  const opened = directorySource(root, localCluster);
  await opened.source.start();
  return opened;
}

function describe([key, { clusters }]: [string, MergedService]): string {
  return [key, ...clusters.map(({ cluster, clusterIPs }) => `${cluster}=${clusterIPs.join('+')}`)].join(' ');
}

function withoutTime({ time: _time, ...line }: LogLine): LogLine {
  return line;
}
