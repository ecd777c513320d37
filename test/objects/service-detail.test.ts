import { describe, expect, test } from 'vitest';
import { detailedServiceReader, serviceReader } from '../../src/objects/service.ts';
import { readYaml } from '../kit/reading.ts';

function read(metadata: string, spec = '', reader = detailedServiceReader) {
  const { object, problems } = readYaml(
    reader,
    `{metadata: {name: payments, namespace: shop, ${metadata}}, spec: {${spec}}}`,
  );
  return { service: object, problems };
}

const nothing = {
  labels: {},
  hasSelector: false,
  intent: { global: false, shared: false, affinity: 'none', syncEndpointSlices: true },
};

describe('what a controller needs to know of a Service', () => {
  test.each([
    { row: 'nothing said', metadata: '', spec: '', gives: {} },
    { row: 'labels', metadata: 'labels: {app: pay}', spec: '', gives: { labels: { app: 'pay' } } },
    { row: 'a selector', metadata: '', spec: 'selector: {app: pay}', gives: { hasSelector: true } },
    { row: 'an empty selector is none', metadata: '', spec: 'selector: {}', gives: {} },
    {
      row: 'written by Causeway',
      metadata: 'labels: {app.kubernetes.io/managed-by: causeway}',
      spec: '',
      gives: { labels: { 'app.kubernetes.io/managed-by': 'causeway' } },
    },
    {
      row: 'written by another',
      metadata: 'labels: {app.kubernetes.io/managed-by: Helm}',
      spec: '',
      gives: { labels: { 'app.kubernetes.io/managed-by': 'Helm' } },
    },
    {
      row: 'annotations',
      metadata: 'annotations: {service.cilium.io/global: "true"}',
      spec: '',
      gives: { intent: { ...nothing.intent, global: true, shared: true } },
    },
  ])('$row', ({ metadata, spec, gives }) => {
    const { service, problems } = read(metadata, spec);
    expect(service).toMatchObject({ kind: 'Service', name: 'payments' });
    expect(service?.detail).toEqual({ ...nothing, ...gives });
    expect(problems).toEqual([]);
  });

  test('is not kept for those who only answer names', () => {
    const { service } = read('labels: {app: pay}', 'selector: {app: pay}', serviceReader);
    expect(service).not.toHaveProperty('detail');
  });
});

describe('what would be too much for the objects that are made of it', () => {
  test('ports beyond the first 100', () => {
    const ports = Array.from({ length: 120 }, (_, index) => `{name: p${index}, port: ${index + 1}}`);
    const { service, problems } = read('', `ports: [${ports.join(', ')}]`);
    expect(service?.ports).toHaveLength(100);
    expect(problems).toMatchObject([{ severity: 'warning', field: 'spec.ports' }]);
  });

  test('load balancer addresses beyond the first 32', () => {
    const ingress = Array.from({ length: 40 }, (_, index) => `{ip: 192.0.2.${index}}`);
    const { object, problems } = readYaml(
      serviceReader,
      `{metadata: {name: payments}, status: {loadBalancer: {ingress: [${ingress.join(', ')}]}}}`,
    );
    expect(object?.loadBalancerIPs).toHaveLength(32);
    expect(problems).toMatchObject([{ severity: 'warning', field: 'status.loadBalancer.ingress' }]);
  });
});
