import { describe, expect, it } from 'vitest';
import { ClusterSet } from '../kit/cluster-set.ts';
import { TCP } from '../kit/dns.ts';

const FITS = 1500;
const TOO_MANY = 3000;

describe('a headless service with very many endpoints', () => {
  const whole = new ClusterSet({ east: largeService(FITS) });
  const cut = new ClusterSet({ east: largeService(TOO_MANY) });

  it('P9 is given whole in both families while each fits into a message', () => {
    expect(endpointsOf(whole, 'A')).toHaveLength(FITS);
    expect(endpointsOf(whole, 'AAAA')).toHaveLength(FITS);
  });

  it('P9 is cut to the same endpoints in both families beyond that', () => {
    const inIPv4 = endpointsOf(cut, 'A');
    expect(inIPv4.length).toBeGreaterThan(FITS);
    expect(endpointsOf(cut, 'AAAA')).toEqual(inIPv4);
  });

  it('P9 is cut alike without host names, by the order of the slices', () => {
    const unnamed = new ClusterSet({ east: largeService(TOO_MANY, { named: false }) });
    const inIPv4 = endpointsOf(unnamed, 'A');
    expect(inIPv4.length).toBeGreaterThan(FITS);
    expect(endpointsOf(unnamed, 'AAAA')).toEqual(inIPv4);
  });

  it('P9 F7 asks for TCP where UDP cannot hold it', () => {
    expect(whole.ask('large.shop.svc', 'A', { edns: 4096 })).toMatchObject({
      flags: 'qr aa tc rd',
      answers: [],
    });
  });

  it('P17 an SRV record weighs at least 1', () => {
    const lines = whole.answer('_http._tcp.large.shop.svc', 'SRV', { client: TCP });
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter(line => !line.includes(' SRV 0 1 8000 pod-'))).toEqual([]);
  });
});

/** `3.17` for the endpoint that has 10.10.3.17 and fd10::3:17. */
function endpointsOf(set: ClusterSet, type: 'A' | 'AAAA'): string[] {
  const lines = set.answer('large.shop.svc', type, { client: TCP });
  return lines.map(line => line.replace(/.*(10\.10\.|fd10::)/, '').replace(':', '.')).sort();
}

/** Endpoints with an address in each family. With host names, the families list them the other way round. */
function largeService(count: number, { named } = { named: true }): string {
  const ids = Array.from({ length: count }, (_, index) => [Math.floor(index / 250) + 1, (index % 250) + 1]);
  const endpoints = (prefix: string, separator: string) =>
    ids.map((id, index) => {
      const address = `"${prefix}${id.join(separator)}"`;
      return named ? `{addresses: [${address}], hostname: pod-${index}}` : `{addresses: [${address}]}`;
    });
  const inIPv6 = endpoints('fd10::', ':');
  return `kind: Service
apiVersion: v1
metadata: {namespace: shop, name: large}
spec: {clusterIP: None, ports: [{name: http, port: 80}]}
---
{kind: ServiceExport, apiVersion: multicluster.x-k8s.io/v1beta1, metadata: {namespace: shop, name: large}}
${slice('IPv4', endpoints('10.10.', '.'))}
${slice('IPv6', named ? inIPv6.reverse() : inIPv6)}`;
}

function slice(family: string, endpoints: readonly string[]): string {
  return `---
kind: EndpointSlice
apiVersion: discovery.k8s.io/v1
metadata: {namespace: shop, name: large-${family.toLowerCase()}, labels: {kubernetes.io/service-name: large}}
addressType: ${family}
ports: [{name: http, port: 8000}]
endpoints: [${endpoints.join(', ')}]`;
}
