import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const CLUSTERS = ['east', 'west', 'north'] as const;
export const SERVICES = 100_000;
export const ENDPOINTS = 3;
export const SERVICES_PER_FILE = 100;
const NAMESPACES = 200;

/** Where one service of the generated mesh is, and what it is called. */
export interface Generated {
  readonly file: string;
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
}

/**
 * Writes a mesh of JSON Lists as `kubectl get -o json` prints them, each service exported from one of three clusters.
 * Half of the services are headless, so that a changed endpoint shows in an answer. Returns one service of each file.
 */
export async function generateMesh(root: string): Promise<Generated[]> {
  for (const cluster of CLUSTERS) await mkdir(join(root, cluster), { recursive: true });
  const first: Generated[] = [];
  for (let start = 0; start < SERVICES; start += SERVICES_PER_FILE) {
    const number = start / SERVICES_PER_FILE;
    const cluster = CLUSTERS[number % CLUSTERS.length] ?? 'east';
    const file = join(root, cluster, `services-${number}.json`);
    await writeFile(file, listOf(start, Math.min(start + SERVICES_PER_FILE, SERVICES)));
    first.push({ file, cluster, namespace: namespaceOf(start), name: nameOf(start) });
  }
  return first;
}

function listOf(from: number, to: number): string {
  const items = Array.from({ length: to - from }, (_, index) => objectsOf(from + index)).flat();
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

function objectsOf(index: number): object[] {
  const metadata = { name: nameOf(index), namespace: namespaceOf(index) };
  const labels = { 'kubernetes.io/service-name': metadata.name };
  const clusterIP = index % 2 === 0 ? 'None' : addressOf(10, index);
  const ports = [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }];
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { ...metadata, labels: { app: metadata.name } },
      spec: {
        type: 'ClusterIP',
        clusterIP,
        clusterIPs: [clusterIP],
        ipFamilies: ['IPv4'],
        selector: { app: metadata.name },
        ports,
      },
    },
    {
      apiVersion: 'multicluster.x-k8s.io/v1beta1',
      kind: 'ServiceExport',
      metadata: { ...metadata, creationTimestamp: '2026-01-01T00:00:00Z' },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, name: `${metadata.name}-1`, labels },
      addressType: 'IPv4',
      ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
      endpoints: Array.from({ length: ENDPOINTS }, (_, endpoint) => ({
        addresses: [addressOf(100 + endpoint, index)],
        conditions: { ready: true },
      })),
    },
  ];
}

/** What every service of it is asked by. */
export function* domainNames(): Generator<string> {
  for (let index = 0; index < SERVICES; index++) {
    yield `${nameOf(index)}.${namespaceOf(index)}.svc.clusterset.local`;
  }
}

function nameOf(index: number): string {
  return `service-${index}`;
}

function namespaceOf(index: number): string {
  return `team-${index % NAMESPACES}`;
}

function addressOf(net: number, index: number): string {
  return `${net}.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}`;
}
