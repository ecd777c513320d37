import type { BenchRecord, BenchZone } from './zone.ts';

/** Files of a mesh directory: path below it → contents. */
export type MeshFiles = Record<string, string>;

/** The zone as one cluster of headless services: every name answers with all of its addresses. */
export function headlessMesh(zone: BenchZone): MeshFiles {
  return clusterFiles(zone, 'east', record => [
    service(record, { clusterIP: 'None' }),
    serviceExport(record, {}),
    endpointSlice(record, record.addresses),
  ]);
}

/** Of ten queries, seven, two and one go to the first, second and third cluster. */
const WEIGHTED_CLUSTERS = [
  { id: 'east', weight: 70 },
  { id: 'west', weight: 20 },
  { id: 'north', weight: 10 },
];

/**
 * The same names as weighted services: each query is answered with one of the name's addresses, drawn anew.
 */
export function weightedMesh(zone: BenchZone): MeshFiles {
  const clusters = WEIGHTED_CLUSTERS.map(({ id, weight }, at) =>
    clusterFiles(zone, id, record => {
      const address = record.addresses[at];
      if (address === undefined) throw new Error(`no address for cluster ${id} in ${record.service}`);
      return [
        service(record, { clusterIP: address, clusterIPs: [address] }),
        serviceExport(record, { 'causeway.dev/weight': String(weight) }),
        endpointSlice(record, [`10.20${at}.0.1`]),
      ];
    }),
  );
  return Object.assign({}, ...clusters);
}

function clusterFiles(
  zone: BenchZone,
  cluster: string,
  objects: (record: BenchRecord) => unknown[],
): MeshFiles {
  const byNamespace = Map.groupBy(zone.records, record => record.namespace);
  return Object.fromEntries(
    Array.from(byNamespace, ([namespace, records]) => [
      `${cluster}/${namespace}.json`,
      JSON.stringify({ apiVersion: 'v1', kind: 'List', items: records.flatMap(objects) }),
    ]),
  );
}

const PORT = { name: 'http', protocol: 'TCP', port: 80 };

function service(record: BenchRecord, clusterIP: object): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace: record.namespace, name: record.service },
    spec: { ...clusterIP, ports: [PORT] },
  };
}

function serviceExport(record: BenchRecord, annotations: Record<string, string>): unknown {
  return {
    apiVersion: 'multicluster.x-k8s.io/v1beta1',
    kind: 'ServiceExport',
    metadata: { namespace: record.namespace, name: record.service, annotations },
  };
}

function endpointSlice(record: BenchRecord, addresses: readonly string[]): unknown {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      namespace: record.namespace,
      name: `${record.service}-v4`,
      labels: { 'kubernetes.io/service-name': record.service },
    },
    addressType: 'IPv4',
    ports: [PORT],
    endpoints: addresses.map(address => ({ addresses: [address], conditions: { ready: true } })),
  };
}
