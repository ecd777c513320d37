import { cp, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { sampleMesh } from './daemon.ts';
import { type TemporaryFolder, temporaryFolder } from './leftovers.ts';

/** A copy of the sample mesh that a test may change. */
export interface ScratchMesh extends TemporaryFolder {
  /** Writes one file of one cluster, all at once as an editor or `kubectl` would. */
  write(cluster: string, file: string, objects: readonly object[]): Promise<void>;
}

export async function scratchMesh(): Promise<ScratchMesh> {
  const { path, remove } = await temporaryFolder('mesh');
  await cp(sampleMesh, path, { recursive: true });
  return {
    path,
    write: async (cluster, file, objects) => {
      const unfinished = join(path, `.${file}`);
      await writeFile(unfinished, objects.map(object => stringify(object)).join('---\n'));
      await rename(unfinished, join(path, cluster, file));
    },
    remove,
  };
}

interface Exported {
  readonly name: string;
  /** Absent: headless. */
  readonly clusterIP?: string;
  readonly endpoints: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The objects of one exported service in namespace `shop`, with one TCP port. */
export function exported({ name, clusterIP = 'None', endpoints, annotations = {} }: Exported): object[] {
  const metadata = { name, namespace: 'shop' };
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { clusterIP, clusterIPs: [clusterIP], ipFamilies: ['IPv4'], ports: [{ name: 'http', port: 80 }] },
    },
    {
      apiVersion: 'multicluster.x-k8s.io/v1beta1',
      kind: 'ServiceExport',
      metadata: { ...metadata, annotations },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 80 }],
      endpoints: endpoints.map(address => ({ addresses: [address], conditions: { ready: true } })),
    },
  ];
}

/** `count` addresses of one pod network. */
export function podAddresses(count: number): string[] {
  return Array.from(
    { length: count },
    (_, index) => `10.10.${2 + Math.floor(index / 200)}.${1 + (index % 200)}`,
  );
}
