import { describe, expect, test } from 'vitest';
import { clusterServiceName } from '../../src/desired/names.ts';
import { exported, NEWER, NEWEST, OLD } from '../kit/exported.ts';
import { objectsOf, proxyLines, settledPlan, TOOLS, viewOf } from '../kit/plan.ts';

type State = 'ready' | 'down';

interface Cluster {
  readonly weight?: number;
  readonly state?: State;
  readonly lost?: true;
  /** Names; a cluster exposes and serves them. */
  readonly ports?: readonly string[];
}

const AGES = [OLD, NEWER, NEWEST];
const NUMBERS: Readonly<Record<string, number>> = { http: 80, admin: 90 };

/** East has 10.1.0.1, north 10.2.0.1, west 10.3.0.1. */
function planned(clusters: Readonly<Record<string, Cluster>>, annotations = '', spec = '') {
  const yaml = ['east', 'north', 'west'].flatMap((id, index) => {
    const cluster = clusters[id];
    if (cluster === undefined) return [];
    const { weight, state = 'ready', ports = ['http'] } = cluster;
    const portTexts = ports.map(name => `{name: ${name}, port: ${NUMBERS[name]}}`).join(', ');
    const own = [...(weight === undefined ? [] : [`causeway.dev/weight: "${weight}"`]), annotations].filter(
      Boolean,
    );
    const parts = {
      spec: `ipFamilies: [IPv4], ports: [${portTexts}]${spec}`,
      at: AGES[index],
      annotations: own.join(', '),
      slices: [
        `addressType: IPv4, ports: [${portTexts}], ` +
          `endpoints: [{addresses: [10.${index + 1}.0.1], conditions: {ready: ${state === 'ready'}}}]`,
      ],
    };
    return [[id, exported(parts)] as const];
  });
  const lost = Object.entries(clusters).flatMap(([id, cluster]) => (cluster.lost ? [id] : []));
  return settledPlan(viewOf(Object.fromEntries(yaml), { lost: new Set(lost) }));
}

function nameOf(cluster: string): string {
  return clusterServiceName('shop', 'payments', cluster, TOOLS.sha256);
}

/** Addresses and ports behind the address of one cluster: `10.1.0.1 http`. */
function behind(plan: ReturnType<typeof planned>, cluster: string): string[] {
  const lines = proxyLines(plan, nameOf(cluster)).map(line => {
    const [, ports = '', address] = line.split(' ');
    return `${address} ${ports.replaceAll(/:\d+/g, '')}`;
  });
  return lines.sort();
}

describe('whether clusters have an address each', () => {
  test.each([
    { row: 'no weight, no affinity', clusters: { east: {}, north: {} }, annotations: '', each: [] },
    {
      row: 'a weight',
      clusters: { east: { weight: 1 }, north: {} },
      annotations: '',
      each: ['east', 'north'],
    },
    { row: 'a weight of 0', clusters: { east: { weight: 0 } }, annotations: '', each: ['east'] },
    {
      row: 'affinity',
      clusters: { east: {}, north: {} },
      annotations: 'causeway.dev/affinity: local',
      each: ['east', 'north'],
    },
    { row: 'affinity none', clusters: { east: {} }, annotations: 'causeway.dev/affinity: none', each: [] },
  ])('$row', ({ clusters, annotations, each }) => {
    const services = Object.keys(objectsOf(planned(clusters, annotations), 'Service'));
    const wanted = ['shop/derived-8ja62ka59m', ...each.map(id => `shop/${nameOf(id)}`)];
    expect(services.sort()).toEqual(wanted.sort());
  });

  test('never those of a headless service', () => {
    expect(objectsOf(planned({ east: { weight: 1 } }, '', ', clusterIP: None'), 'Service')).toEqual({});
  });

  test('they say whose they are, and their slices are no imports', () => {
    const plan = planned({ east: { weight: 1 } });
    expect(objectsOf(plan, 'Service')[`shop/${nameOf('east')}`]).toMatchObject({
      metadata: { labels: { 'multicluster.kubernetes.io/source-cluster': 'east' } },
      spec: { ports: [{ name: 'http', port: 80 }] },
    });
    const slices = Object.entries(objectsOf(plan, 'EndpointSlice'));
    const [, manifest] = slices.find(([id]) => id.startsWith(`shop/${nameOf('east')}-`)) ?? [];
    expect(manifest?.['metadata']).toHaveProperty('labels', {
      'app.kubernetes.io/managed-by': 'causeway',
      'causeway.dev/service-name': 'payments',
      'endpointslice.kubernetes.io/managed-by': 'controller.causeway.dev',
      'kubernetes.io/service-name': nameOf('east'),
    });
  });
});

describe('what is behind the address of the cluster east', () => {
  const weighted = { weight: 1 };
  const drained = { weight: 0 };
  const [EAST, NORTH, WEST] = ['10.1.0.1 http', '10.2.0.1 http', '10.3.0.1 http'];
  const lost = true;
  const state = 'down';
  test.each<{ row: string; clusters: Record<string, Cluster>; addresses: (string | undefined)[] }>([
    { row: 'itself', clusters: { east: weighted, north: weighted }, addresses: [EAST] },
    { row: 'itself, drained', clusters: { east: drained, north: weighted }, addresses: [EAST] },
    {
      row: 'lost: all survivors',
      clusters: { east: { ...weighted, lost }, north: weighted, west: {} },
      addresses: [NORTH, WEST],
    },
    {
      row: 'nothing ready: all survivors',
      clusters: { east: { ...weighted, state }, north: weighted, west: {} },
      addresses: [NORTH, WEST],
    },
    {
      row: 'drained and lost: the survivors',
      clusters: { east: { ...drained, lost }, north: {} },
      addresses: [NORTH],
    },
    {
      row: 'lost: no drained survivor beside another',
      clusters: { east: { ...weighted, lost }, north: drained, west: weighted },
      addresses: [WEST],
    },
    {
      row: 'lost: a drained survivor where there is no other',
      clusters: { east: { ...weighted, lost }, north: drained, west: { ...weighted, state } },
      addresses: [NORTH],
    },
    {
      row: 'lost, and nobody survives: itself as last known',
      clusters: { east: { ...weighted, lost }, north: { ...weighted, lost }, west: { state } },
      addresses: [EAST],
    },
    {
      row: 'nothing ready, and the others lost: they, as last known',
      clusters: { east: { ...weighted, state }, north: { ...weighted, lost } },
      addresses: [NORTH],
    },
    {
      row: 'nothing ready anywhere: itself',
      clusters: { east: { ...weighted, state }, north: { ...weighted, state } },
      addresses: [EAST],
    },
    {
      row: 'a port that only others have leads to them',
      clusters: { east: weighted, north: { weight: 1, ports: ['http', 'admin'] } },
      addresses: [EAST, '10.2.0.1 admin'],
    },
    {
      row: 'lost: a port that no survivor has leads to where it was',
      clusters: { east: { weight: 1, lost, ports: ['http', 'admin'] }, north: weighted },
      addresses: ['10.1.0.1 admin', NORTH],
    },
  ])('$row', ({ clusters, addresses }) => {
    expect(behind(planned(clusters), 'east')).toEqual(addresses);
  });
});
