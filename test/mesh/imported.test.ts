import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { importedService } from '../../src/mesh/imported.ts';
import { readEndpointSlice } from '../../src/objects/endpoint-slice.ts';
import { Problems } from '../../src/objects/problem.ts';
import { serviceImportReader } from '../../src/objects/service-import.ts';
import { type ImportSettings, importYaml, mirroredYaml } from '../kit/imports.ts';

const problems = new Problems(() => 'fixture');

/** `shop/pay` as it is read back; slices are `cluster: endpoints`. */
function imported(
  settings: ImportSettings,
  slices: readonly (readonly [string, readonly string[]])[] = [],
  derived: Readonly<Record<string, readonly string[]>> = {},
  lost: readonly string[] = [],
) {
  const serviceImport = serviceImportReader.read(parse(importYaml('pay', settings)), problems);
  if (serviceImport === undefined) throw new Error('bad fixture');
  const read = slices.flatMap(
    ([cluster, endpoints]) =>
      readEndpointSlice(parse(mirroredYaml('pay', cluster, endpoints)), problems, 'mirrored', 'answers') ??
      [],
  );
  const parts = { serviceImport, slices: read, derivedIPs: new Map(Object.entries(derived)) };
  return importedService(parts, new Set(lost));
}

describe('a service read back', () => {
  test('says what the import says', () => {
    expect(imported({ ips: ['10.96.0.1', 'fd00::1'], families: ['IPv4', 'IPv6'] })).toEqual({
      namespace: 'shop',
      name: 'pay',
      type: 'ClusterSetIP',
      ports: [{ name: 'http', protocol: 'TCP', port: 80 }],
      ipFamilies: ['IPv4', 'IPv6'],
      sessionAffinity: 'None',
      labels: {},
      annotations: {},
      ips: ['10.96.0.1', 'fd00::1'],
      affinity: 'none',
      clusters: [],
    });
  });

  test('has the affinity, backends and time to live that the merge decided', () => {
    const traffic = { affinity: 'remote', backends: 'endpoints', ttl: 60 };
    expect(imported({ traffic })).toMatchObject(traffic);
  });

  test('that is headless has no clusterset IP, whatever its import says', () => {
    expect(imported({ type: 'Headless', ips: ['10.96.0.1'] }).ips).toEqual([]);
  });
});

describe('its clusters', () => {
  test('are those of the status and those of the slices, by id', () => {
    const { clusters } = imported({ clusters: ['west', 'north'] }, [
      ['south', ['10.30.0.1']],
      ['west', ['10.20.0.1']],
    ]);
    expect(clusters.map(({ cluster, slices }) => [cluster, slices.length])).toEqual([
      ['north', 0],
      ['south', 1],
      ['west', 1],
    ]);
  });

  test('have their own settings, derived IPs and verdicts', () => {
    const traffic = {
      clusters: {
        east: { weight: 80, clusterIPs: ['10.1.0.1'], loadBalancerIPs: ['192.0.2.1'] },
        gone: { weight: 20 },
      },
    };
    const { clusters } = imported({ clusters: ['east', 'west'], traffic }, [], { east: ['10.97.0.1'] }, [
      'west',
      'gone',
    ]);
    expect(clusters).toEqual([
      {
        cluster: 'east',
        weight: 80,
        serving: true,
        derivedIPs: ['10.97.0.1'],
        clusterIPs: ['10.1.0.1'],
        loadBalancerIPs: ['192.0.2.1'],
        slices: [],
      },
      { cluster: 'west', serving: false, derivedIPs: [], clusterIPs: [], loadBalancerIPs: [], slices: [] },
    ]);
  });

  test('give only addresses and slices of the families that the service has', () => {
    const traffic = { clusters: { east: { clusterIPs: ['10.1.0.1', 'fd10::1'] } } };
    const slices = [
      ['east', ['10.10.0.1']],
      ['east', ['fd10::a']],
    ] as const;
    const [east] = imported({ clusters: ['east'], families: ['IPv6'], traffic }, slices).clusters;
    expect([east?.clusterIPs, east?.slices.map(({ addressType }) => addressType)]).toEqual([
      ['fd10::1'],
      ['IPv6'],
    ]);
    const [both] = imported({ clusters: ['east'], traffic }, slices).clusters;
    expect([both?.clusterIPs.length, both?.slices.length]).toEqual([2, 2]);
  });

  test('keep their slices as they are, in the order of their names', () => {
    const { clusters } = imported({}, [
      ['west', ['fd20::1']],
      ['west', ['10.20.0.1']],
    ]);
    expect(clusters[0]?.slices.map(({ name }) => name)).toEqual(['pay-west-ipv4', 'pay-west-ipv6']);
  });
});
