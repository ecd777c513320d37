import { readFileSync } from 'node:fs';
import type { MergedService } from '../../../src/mesh/model.ts';
import { ClusterSet, type ClusterSetOptions } from '../../kit/cluster-set.ts';

/** What a controller would have assigned. */
const clustersetIPs: Readonly<Record<string, readonly string[]>> = {
  web: ['10.96.0.1', 'fd96::1'],
  echo: ['10.96.0.2'],
  idle: ['10.96.0.3'],
  portless: ['10.96.0.5'],
};

/** The cluster set of the YAML beside this file, asked from `east`. */
export function specMesh(options: ClusterSetOptions = {}): ClusterSet {
  return new ClusterSet(
    { east: yamlOf('east'), west: yamlOf('west') },
    { localCluster: 'east', assign: assignIPs, ...options },
  );
}

function assignIPs(service: MergedService): MergedService {
  return { ...service, ips: clustersetIPs[service.name] ?? [] };
}

function yamlOf(cluster: string): string {
  return readFileSync(new URL(`./${cluster}.yaml`, import.meta.url), 'utf8');
}
