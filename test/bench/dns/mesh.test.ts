import { describe, expect, test } from 'vitest';
import { headlessMesh, weightedMesh } from '../../../bench/dns/mesh.ts';
import { makeZone, queryFile, zoneFile } from '../../../bench/dns/zone.ts';
import { readObject } from '../../../src/objects/index.ts';
import type { MeshObject } from '../../../src/objects/shapes.ts';

const zone = makeZone(40);

/** Everything the files hold, read as the daemon reads it; a problem with any of it fails the test. */
function objectsOf(files: Readonly<Record<string, string>>): MeshObject[] {
  return Object.values(files).flatMap(text => {
    const { items = [] } = readObject(JSON.parse(text));
    return items.flatMap(item => {
      const { object, problems } = readObject(item);
      expect(problems).toEqual([]);
      return object === undefined ? [] : [object];
    });
  });
}

describe('the zone', () => {
  test('has a line per address and a question per name', () => {
    const lines = zoneFile(zone).split('\n');
    expect(lines.filter(line => line.startsWith('svc21.'))).toEqual([
      'svc21.ns1.svc.clusterset.local. A 10.1.0.22',
      'svc21.ns1.svc.clusterset.local. A 10.2.0.22',
      'svc21.ns1.svc.clusterset.local. A 10.3.0.22',
    ]);
    expect(lines.filter(line => line.includes(' A 10.'))).toHaveLength(120);
    expect(queryFile(zone).split('\n')).toContain('svc21.ns1.svc.clusterset.local A');
  });

  test('gives every one of 1,000 names addresses of its own', () => {
    expect(new Set(makeZone(1000).records.flatMap(record => record.addresses)).size).toBe(3000);
  });
});

describe('the mesh', () => {
  test('holds every name as an exported headless service with its addresses', () => {
    const objects = objectsOf(headlessMesh(zone));
    expect(objects).toHaveLength(120);
    const slices = objects.filter(object => object.kind === 'EndpointSlice');
    const endpoints = slices.find(slice => slice.serviceName === 'svc21')?.endpoints;
    expect(endpoints?.flatMap(endpoint => endpoint.addresses)).toEqual([
      '10.1.0.22',
      '10.2.0.22',
      '10.3.0.22',
    ]);
    const services = objects.filter(object => object.kind === 'Service');
    expect(services.every(service => service.headless)).toBe(true);
  });

  test('weighted, holds every name once per cluster, with its weight', () => {
    const files = weightedMesh(zone);
    expect(new Set(Object.keys(files).map(path => path.split('/')[0]))).toEqual(
      new Set(['east', 'west', 'north']),
    );
    const exported = objectsOf(files).filter(object => object.kind === 'ServiceExport');
    const weights = exported.filter(each => each.name === 'svc21').map(each => each.traffic.weight);
    expect(weights).toEqual([70, 20, 10]);
  });
});
