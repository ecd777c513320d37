import { describe, expect, test } from 'vitest';
import { objectsOf } from '../kit/mesh.ts';

function read(rest: string, metadata = 'labels: {kubernetes.io/service-name: payments}') {
  const { objects, problems } = objectsOf(
    '{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, ' +
      `metadata: {name: payments-v4, namespace: shop, ${metadata}}, ${rest}}`,
  );
  return { slice: objects[0], problems };
}

describe('an EndpointSlice is cut down to what Causeway uses', () => {
  const plain = {
    kind: 'EndpointSlice',
    namespace: 'shop',
    name: 'payments-v4',
    serviceName: 'payments',
    addressType: 'IPv4',
    ports: [],
    endpoints: [],
  };

  test.each([
    {
      row: 'empty, as an API server prints it',
      rest: 'addressType: IPv4, ports: null, endpoints: null',
      gives: {},
    },
    {
      row: 'a port without a number is every port; name and protocol default',
      rest: 'addressType: IPv4, ports: [{}, {name: dns, protocol: UDP, port: 53}, {port: null}]',
      gives: {
        ports: [
          { name: '', protocol: 'TCP' },
          { name: 'dns', protocol: 'UDP', port: 53 },
          { name: '', protocol: 'TCP' },
        ],
      },
    },
    {
      row: 'readiness that is not said is true',
      rest: 'addressType: IPv4, endpoints: [{addresses: [10.1.0.1]}, {addresses: [10.1.0.2], conditions: {ready: null}}]',
      gives: {
        endpoints: [
          { addresses: ['10.1.0.1'], ready: true },
          { addresses: ['10.1.0.2'], ready: true },
        ],
      },
    },
    {
      row: 'not ready, with a host name',
      rest: 'addressType: IPv4, endpoints: [{addresses: [10.1.0.1], hostname: ledger-0, conditions: {ready: false}}]',
      gives: { endpoints: [{ addresses: ['10.1.0.1'], hostname: 'ledger-0', ready: false }] },
    },
    {
      row: 'IPv6 made canonical, a repeated address once',
      rest: 'addressType: IPv6, endpoints: [{addresses: ["FD00:0:0::1", "fd00::1", "fd00::2"]}]',
      gives: { addressType: 'IPv6', endpoints: [{ addresses: ['fd00::1', 'fd00::2'], ready: true }] },
    },
  ])('$row', ({ rest, gives }) => {
    expect(read(rest)).toEqual({ slice: { ...plain, ...gives }, problems: [] });
  });
});

describe('an address that is never right in another cluster is left out with a warning', () => {
  test.each([
    { address: 'fd00::1', type: 'IPv4', found: 'is not IPv4' },
    { address: '10.1.0.1', type: 'IPv6', found: 'is not IPv6' },
    { address: '0.0.0.0', type: 'IPv4', found: 'unspecified' },
    { address: '127.0.0.1', type: 'IPv4', found: 'loopback' },
    { address: '169.254.1.1', type: 'IPv4', found: 'link-local' },
    { address: '224.0.0.1', type: 'IPv4', found: 'multicast' },
    { address: '239.255.255.255', type: 'IPv4', found: 'multicast' },
    { address: '255.255.255.255', type: 'IPv4', found: 'broadcast' },
    { address: '::', type: 'IPv6', found: 'unspecified' },
    { address: '0:0::0:1', type: 'IPv6', found: 'loopback' },
    { address: 'fe80::1', type: 'IPv6', found: 'link-local' },
    { address: 'febf::1', type: 'IPv6', found: 'link-local' },
    { address: 'ff02::1', type: 'IPv6', found: 'multicast' },
    { address: 'fe80::1%eth0', type: 'IPv6', found: 'is not an IP address' },
    { address: '::ffff:10.1.0.1', type: 'IPv6', found: 'is not an IP address' },
    { address: '010.1.0.1', type: 'IPv4', found: 'is not an IP address' },
    { address: '0x0a010001', type: 'IPv4', found: 'is not an IP address' },
    { address: '10.1.0.1/32', type: 'IPv4', found: 'is not an IP address' },
    { address: 'pod.example', type: 'IPv4', found: 'is not an IP address' },
    { address: '', type: 'IPv4', found: 'is not an IP address' },
  ])('$address in a slice of $type', ({ address, type, found }) => {
    const good = type === 'IPv4' ? '10.1.0.9' : 'fd00::9';
    const endpoints = `[{addresses: [${JSON.stringify(address)}]}, {addresses: [${JSON.stringify(good)}]}]`;
    const { slice, problems } = read(`addressType: ${type}, endpoints: ${endpoints}`);
    expect(slice).toMatchObject({ endpoints: [{ addresses: [good] }] });
    const message = expect.stringMatching(`found "${address}": .*${found}`);
    expect(problems).toEqual([
      {
        severity: 'warning',
        object: 'EndpointSlice shop/payments-v4',
        field: 'endpoints[0].addresses[0]',
        message,
      },
    ]);
  });

  test.each(['126.0.0.1', '128.0.0.1', '169.253.0.1', '223.255.255.255', '100.64.0.1', '240.0.0.1'])(
    '%s is none of those',
    address => {
      const { slice, problems } = read(`addressType: IPv4, endpoints: [{addresses: [${address}]}]`);
      expect(slice).toMatchObject({ endpoints: [{ addresses: [address] }] });
      expect(problems).toEqual([]);
    },
  );

  test.each(['fec0::1', 'fe00::1', 'ff::1', '::2', 'fe8::1'])('%s is none of those', address => {
    const { slice, problems } = read(`addressType: IPv6, endpoints: [{addresses: ["${address}"]}]`);
    expect(slice).toMatchObject({ endpoints: [{ addresses: [address] }] });
    expect(problems).toEqual([]);
  });
});

test('an endpoint keeps its good addresses, and its place in the warning', () => {
  const { slice, problems } = read('addressType: IPv4, endpoints: [{}, {addresses: [10.1.0.1, nonsense]}]');
  expect(slice).toMatchObject({ endpoints: [{ addresses: ['10.1.0.1'] }] });
  expect(problems).toMatchObject([{ field: 'endpoints[1].addresses[1]' }]);
});

test.each(['Ledger-0', 'a.b', 'a'.repeat(64), '_x'])(
  'host name %s is dropped, its endpoint is not',
  hostname => {
    const { slice, problems } = read(
      `addressType: IPv4, endpoints: [{addresses: [10.1.0.1], hostname: ${hostname}}]`,
    );
    expect(slice).toMatchObject({ endpoints: [{ addresses: ['10.1.0.1'], ready: true }] });
    expect(slice).not.toHaveProperty('endpoints.0.hostname');
    expect(problems).toMatchObject([{ severity: 'warning', field: 'endpoints[0].hostname' }]);
  },
);

describe('a slice that can be of no use is left out', () => {
  test.each([
    {
      row: 'of host names',
      rest: 'addressType: FQDN, endpoints: [{addresses: [a.example]}]',
      severity: 'warning',
      field: 'addressType',
    },
    { row: 'of no type', rest: 'endpoints: []', severity: 'error', field: 'addressType' },
    { row: 'of unknown type', rest: 'addressType: IP', severity: 'error', field: 'addressType' },
    {
      row: 'port beyond the range',
      rest: 'addressType: IPv4, ports: [{port: 65536}]',
      severity: 'error',
      field: 'ports[0].port',
    },
    {
      row: 'readiness as text',
      rest: 'addressType: IPv4, endpoints: [{addresses: [10.1.0.1], conditions: {ready: "yes"}}]',
      severity: 'error',
      field: 'endpoints[0].conditions.ready',
    },
    {
      row: 'address as number',
      rest: 'addressType: IPv4, endpoints: [{addresses: [10]}]',
      severity: 'error',
      field: 'endpoints[0].addresses[0]',
    },
  ])('$row', ({ rest, severity, field }) => {
    const { slice, problems } = read(rest);
    expect(slice).toBeUndefined();
    expect(problems).toMatchObject([{ severity, object: 'EndpointSlice shop/payments-v4', field }]);
  });

  test.each([
    { row: 'no labels', metadata: '' },
    { row: 'other labels only', metadata: 'labels: {app: payments}' },
    { row: 'an empty label', metadata: 'labels: {kubernetes.io/service-name: null}' },
  ])('of no Service: $row', ({ metadata }) => {
    const { slice, problems } = read('addressType: IPv4', metadata);
    expect(slice).toBeUndefined();
    expect(problems).toMatchObject([{ severity: 'warning', field: 'metadata.labels' }]);
  });

  test('of a Service that cannot be', () => {
    const { slice, problems } = read('addressType: IPv4', 'labels: {kubernetes.io/service-name: Pay_ments}');
    expect(slice).toBeUndefined();
    expect(problems).toMatchObject([
      { severity: 'error', field: 'metadata.labels.kubernetes.io/service-name' },
    ]);
  });
});

test('the name may be a subdomain, as generated names are', () => {
  const { objects, problems } = objectsOf(
    '{apiVersion: discovery.k8s.io/v1, kind: EndpointSlice, addressType: IPv4, ' +
      'metadata: {name: a.b-c.d, namespace: shop, labels: {kubernetes.io/service-name: a}}}',
  );
  expect(objects).toMatchObject([{ name: 'a.b-c.d' }]);
  expect(problems).toEqual([]);
});
