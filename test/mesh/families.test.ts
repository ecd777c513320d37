import { describe, expect, test } from 'vitest';
import { exported, NEWER, NEWEST, OLD } from '../kit/exported.ts';
import { meshOf } from '../kit/mesh.ts';

const V4 = 'addressType: IPv4, ports: [{port: 80}], endpoints: [{addresses: [10.1.0.1]}]';
const V6 = 'addressType: IPv6, ports: [{port: 80}], endpoints: [{addresses: ["fd00::1"]}]';
const PORT = 'ports: [{port: 80}]';

/** Exports named in the order of their age, dual-stack slices behind each. */
function merge(...families: readonly string[]) {
  const names = ['oldest', 'middle', 'youngest'];
  const ages = [OLD, NEWER, NEWEST];
  const clusters = families.map((list, index) => [
    names[index],
    exported({
      spec: list === '' ? PORT : `${list}, ${PORT}`,
      at: ages[index],
      slices: list === '' ? [] : [V4, V6],
    }),
  ]);
  const { mesh, change } = meshOf(Object.fromEntries(clusters));
  const service = change.services.get('shop/payments');
  return {
    families: service?.ipFamilies.join(),
    clusters: service?.clusters.map(({ cluster }) => cluster).join(),
    conflicts: mesh.conflicts,
    service,
  };
}

const only4 = 'ipFamilies: [IPv4]';
const only6 = 'ipFamilies: [IPv6]';
const four6 = 'ipFamilies: [IPv4, IPv6]';
const six4 = 'ipFamilies: [IPv6, IPv4]';

describe('B14 the families of a service are what its exports have in common', () => {
  test.each([
    { row: 'one export', families: [six4], gives: 'IPv6,IPv4', takes: 'oldest', losers: undefined },
    {
      row: 'the same',
      families: [four6, four6],
      gives: 'IPv4,IPv6',
      takes: 'middle,oldest',
      losers: undefined,
    },
    {
      row: 'the same in another order: the order of the oldest, and no conflict',
      families: [six4, four6],
      gives: 'IPv6,IPv4',
      takes: 'middle,oldest',
      losers: undefined,
    },
    {
      row: 'the oldest has fewer',
      families: [only6, four6],
      gives: 'IPv6',
      takes: 'middle,oldest',
      losers: ['middle'],
    },
    {
      row: 'a younger has fewer',
      families: [four6, only4],
      gives: 'IPv4',
      takes: 'middle,oldest',
      losers: ['middle'],
    },
    {
      row: 'nothing in common: the younger is left out',
      families: [only4, only6],
      gives: 'IPv4',
      takes: 'oldest',
      losers: ['middle'],
    },
    {
      row: 'the oldest decides which of two that exclude each other stays',
      families: [four6, only6, only4],
      gives: 'IPv6',
      takes: 'middle,oldest',
      losers: ['middle', 'youngest'],
    },
  ])('$row', ({ families, gives, takes, losers }) => {
    const merged = merge(...families);
    expect(merged).toMatchObject({ families: gives, clusters: takes });
    const flagged = losers && [{ reason: 'IPFamilyConflict', winner: 'oldest', losers }];
    expect(merged.conflicts).toMatchObject(flagged ?? []);
    expect(merged.conflicts).toHaveLength(flagged?.length ?? 0);
  });

  test('the message names who is left out', () => {
    expect(merge(only4, only6).conflicts[0]?.message).toBe(
      'spec.ipFamilies: 1 of 2 exports (middle) disagree with cluster oldest, the oldest that sets it; ' +
        'IPv4 holds, which is what they have in common; left out for having none of it: middle',
    );
  });

  test('an export that tells no family takes part in all, and disagrees with none', () => {
    const merged = merge('', only6);
    expect(merged).toMatchObject({ families: 'IPv6', clusters: 'middle,oldest', conflicts: [] });
  });

  test('slices and addresses of a family that is not common are dropped', () => {
    const merged = merge(
      'clusterIPs: [10.0.0.1, "fd00::a"], ipFamilies: [IPv4, IPv6]',
      'clusterIPs: ["fd00::b"], ipFamilies: [IPv6]',
    );
    expect(merged.service?.clusters).toMatchObject([
      { cluster: 'middle', clusterIPs: ['fd00::b'], slices: [{ addressType: 'IPv6' }] },
      { cluster: 'oldest', clusterIPs: ['fd00::a'], slices: [{ addressType: 'IPv6' }] },
    ]);
  });
});

describe('B13 the families of a service are told, if by anything', () => {
  test.each([
    { row: 'by the Service', spec: 'ipFamilies: [IPv6]', slices: [V4], gives: ['IPv6'] },
    {
      row: 'by its cluster IPs',
      spec: 'clusterIPs: ["fd00::1", 10.0.0.1]',
      slices: [V4],
      gives: ['IPv6', 'IPv4'],
    },
    { row: 'by its slices', spec: 'clusterIP: None', slices: [V6, V4], gives: ['IPv4', 'IPv6'] },
    { row: 'by nothing', spec: 'clusterIP: None', slices: [], gives: [] },
  ])('$row', ({ spec, slices, gives }) => {
    const { change } = meshOf({ east: exported({ spec: `${spec}, ${PORT}`, slices }) });
    expect(change.services.get('shop/payments')?.ipFamilies).toEqual(gives);
  });
});

test('the ports of an export that is left out are not offered', () => {
  const { change } = meshOf({
    east: exported({ spec: 'ipFamilies: [IPv4], ports: [{name: a, port: 1}]', at: OLD }),
    west: exported({ spec: 'ipFamilies: [IPv6], ports: [{name: b, port: 2}]', at: NEWER }),
  });
  expect(change.services.get('shop/payments')?.ports).toMatchObject([{ name: 'a' }]);
});

describe('load balancer addresses', () => {
  const yaml = (spec: string, at: string) =>
    exported({ spec, at }).replace(
      'kind: Service,',
      'kind: Service, status: {loadBalancer: {ingress: [{ip: 192.0.2.1}, {ip: "2001:db8::1"}]}},',
    );

  test('are held to the families too', () => {
    const { change } = meshOf({ east: yaml(four6, OLD), west: yaml(only6, NEWER) });
    expect(change.services.get('shop/payments')?.clusters).toMatchObject([
      { loadBalancerIPs: ['2001:db8::1'] },
      { loadBalancerIPs: ['2001:db8::1'] },
    ]);
  });

  test('stay where no family is told', () => {
    const { change } = meshOf({ east: yaml('type: LoadBalancer', OLD) });
    expect(change.services.get('shop/payments')?.clusters).toMatchObject([
      { loadBalancerIPs: ['192.0.2.1', '2001:db8::1'] },
    ]);
  });
});
