import { describe, expect, it } from 'vitest';
import type { MergedService } from '../../src/mesh/model.ts';
import { chooseClusters, isDrawn, type PolicyOptions } from '../../src/records/policy.ts';
import { type PayByCluster, type PaySettings, payOf, sharesOf } from '../kit/pay.ts';

const NOBODY: PolicyOptions = { localCluster: undefined, backends: 'service' };

describe('the addresses of a cluster', () => {
  const settings: PaySettings = { ready: 2, unready: 1 };
  it.each([
    ['4 service', 'service', ['10.10.0.1', 'fd10::1']],
    ['4 loadbalancer', 'loadbalancer', ['192.0.2.10', '2001:db8::10']],
    ['4 endpoints, ready ones only', 'endpoints', ['10.10.1.1', '10.10.1.2', 'fd10:1::1', 'fd10:1::2']],
  ] as const)('%s', (_row, backends, addresses) => {
    const byOption = chooseClusters(payOf({ east: settings }), { ...NOBODY, backends });
    expect(byOption.candidates.flatMap(candidate => candidate.addresses)).toEqual(addresses);
    const byAnnotation = chooseClusters(payOf({ east: { ...settings, backends } }), NOBODY);
    expect(byAnnotation).toEqual(byOption);
  });

  it.each([
    ['service', ['fd10::1', 'fd20::1']],
    ['loadbalancer', ['2001:db8::10', '2001:db8::20']],
    ['endpoints', ['fd10:1::1', 'fd20:1::1']],
  ] as const)('4 %s: those of the families that all exports have', (backends, addresses) => {
    const service = payOf({ east: { backends }, west: { families: ['IPv6'] } });
    const { candidates } = chooseClusters(service, NOBODY);
    expect(candidates.flatMap(candidate => candidate.addresses)).toEqual(addresses);
  });

  it('4 a cluster without any is not drawn', () => {
    const service = payOf({ east: { backends: 'loadbalancer' }, west: {} });
    const clusters = service.clusters.map(cluster =>
      cluster.cluster === 'west' ? { ...cluster, loadBalancerIPs: [] } : cluster,
    );
    expect(sharesOf({ ...service, clusters }, NOBODY)).toEqual({ east: 1 });
  });

  const derive = (service: MergedService, ips: readonly string[]): MergedService => ({
    ...service,
    ips,
    clusters: service.clusters.map((cluster, index) => ({
      ...cluster,
      derivedIPs: [`10.97.0.${index + 1}`],
    })),
  });

  it('2 the clusterset IP stands for all where there is neither weight nor affinity', () => {
    expect(isDrawn(derive(payOf({ east: {}, west: {} }), ['10.96.0.1']))).toBe(false);
  });

  it.each<readonly [row: string, clusters: PayByCluster]>([
    ['3 a weight, even on one', { east: { weight: 1 }, west: {} }],
    ['3 an affinity', { east: { affinity: 'local' }, west: {} }],
  ])("%s: each cluster's derived address", (_row, clusters) => {
    const service = derive(payOf(clusters), ['10.96.0.1']);
    expect(isDrawn(service)).toBe(true);
    const { candidates } = chooseClusters(service, NOBODY);
    expect(candidates.map(candidate => candidate.addresses)).toEqual([['10.97.0.1'], ['10.97.0.2']]);
  });

  it('3 the clusterset IP until there is a derived address', () => {
    const service = { ...payOf({ east: { weight: 1 }, west: {} }), ips: ['10.96.0.1'] };
    const { candidates } = chooseClusters(service, NOBODY);
    expect(new Set(candidates.flatMap(candidate => candidate.addresses))).toEqual(new Set(['10.96.0.1']));
  });

  it.each([
    ['service', ['10.10.0.1', 'fd10::1', '10.20.0.1', 'fd20::1']],
    ['loadbalancer', ['192.0.2.10', '2001:db8::10', '192.0.2.20', '2001:db8::20']],
    ['endpoints', ['10.10.1.1', 'fd10:1::1', '10.20.1.1', 'fd20:1::1']],
  ] as const)('1 backends %s, though there is a clusterset IP', (backends, addresses) => {
    const service = derive(payOf({ east: { backends }, west: {} }), ['10.96.0.1']);
    expect(isDrawn(service)).toBe(true);
    const { candidates } = chooseClusters(service, NOBODY);
    expect(candidates.flatMap(candidate => candidate.addresses)).toEqual(addresses);
  });

  it("2 the daemon's own default does not take a clusterset IP's place", () => {
    const service = derive(payOf({ east: { weight: 1 }, west: {} }), ['10.96.0.1']);
    const { candidates } = chooseClusters(service, { ...NOBODY, backends: 'endpoints' });
    expect(candidates.map(candidate => candidate.addresses)).toEqual([['10.97.0.1'], ['10.97.0.2']]);
  });

  it('4 many pods are given in parts, of which each pod is in one, drawn by its size', () => {
    const { candidates } = chooseClusters(payOf({ east: { ready: 30, backends: 'endpoints' } }), NOBODY);
    expect(candidates.length).toBeGreaterThan(1);
    const addresses = candidates.flatMap(candidate => candidate.addresses);
    expect(new Set(addresses).size).toBe(60);
    expect(addresses).toHaveLength(60);
    for (const { weight, addresses: part } of candidates) expect(weight).toBeCloseTo(part.length / 2, 12);
  });

  it('4 a cluster with fewer pods in one family has its whole share in both', () => {
    const service = payOf({ east: { weight: 1, ready: 30, backends: 'endpoints' }, west: { weight: 1 } });
    const clusters = service.clusters.map(cluster => ({
      ...cluster,
      slices: cluster.slices.map(slice =>
        slice.addressType === 'IPv6' ? { ...slice, endpoints: slice.endpoints.slice(0, 14) } : slice,
      ),
    }));
    for (const family of ['IPv4', 'IPv6'] as const)
      expect(sharesOf({ ...service, clusters }, NOBODY, family)).toEqual({
        east: expect.closeTo(0.5, 12),
        west: expect.closeTo(0.5, 12),
      });
  });
});
