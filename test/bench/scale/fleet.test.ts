import { describe, expect, test } from 'vitest';
import {
  exportedService,
  exportersOf,
  exportsByCluster,
  publishedSlice,
} from '../../../bench/scale/fleet.ts';
import { changeIn } from '../../../bench/sync/exported.ts';
import { readEndpointSlice } from '../../../src/objects/endpoint-slice.ts';
import { exportedServiceReader } from '../../../src/objects/exported-service.ts';
import { Problems } from '../../../src/objects/problem.ts';

const fleet = { clusters: 25, services: 500, endpoints: 50 };
const all = Array.from({ length: fleet.services }, (_, service) => exportersOf(fleet, service)).flat();

function read(change = 0) {
  const problems = new Problems(() => 'fleet');
  const slices = all.map(one =>
    readEndpointSlice(publishedSlice(fleet, one, change) as never, problems, 'published', 'everything'),
  );
  const services = all.map(one => exportedServiceReader.read(exportedService(one) as never, problems));
  return { slices, services, problems: problems.list() };
}

describe('the simulated cluster set', () => {
  test('has as many services and endpoints as it says, no address twice, nothing a controller would refuse', () => {
    const { slices, services, problems } = read();
    expect(problems).toEqual([]);
    const addresses = slices.flatMap(slice => slice?.endpoints.flatMap(endpoint => endpoint.addresses) ?? []);
    expect(addresses).toHaveLength(fleet.services * fleet.endpoints);
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(new Set(services.map(service => `${service?.namespace}/${service?.name}`)).size).toBe(
      fleet.services,
    );
  });

  test('shares every second service between five clusters, and gives each cluster the same', () => {
    const sharing = Map.groupBy(all, ({ service }) => service);
    expect([...sharing.values()].map(exports => new Set(exports.map(({ cluster }) => cluster)).size)).toEqual(
      Array.from({ length: fleet.services }, (_, service) => (service % 2 === 0 ? 1 : 5)),
    );
    const sizes = [...exportsByCluster(fleet).values()].map(exports => exports.length);
    expect(sizes).toEqual(Array(25).fill(60));
  });

  test('a changed slice tells the number of its change', () => {
    const [slice] = read(77).slices;
    expect(changeIn(slice?.endpoints.flatMap(endpoint => endpoint.addresses) ?? [])).toBe(77);
  });
});
