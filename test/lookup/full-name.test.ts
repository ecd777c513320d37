import { expect, test } from 'vitest';
import { fullName } from '../../src/lookup/full-name.ts';

test.each([
  ['payments.shop', 'payments.shop.svc.clusterset.local'],
  ['Payments.Shop', 'payments.shop.svc.clusterset.local'],
  ['payments.shop.svc', 'payments.shop.svc.clusterset.local'],
  ['payments.shop.svc.clusterset.local', 'payments.shop.svc.clusterset.local'],
  ['payments.shop.svc.clusterset.local.', 'payments.shop.svc.clusterset.local'],
  ['_http._tcp.payments.shop', '_http._tcp.payments.shop.svc.clusterset.local'],
  ['db-0.east.db.shop', 'db-0.east.db.shop.svc.clusterset.local'],
  ['payments.shop.svc.cluster.local', 'payments.shop.svc.cluster.local'],
  ['clusterset.local', 'clusterset.local'],
  ['dns-version.clusterset.local', 'dns-version.clusterset.local'],
  ['example.org.', 'example.org'],
  ['payments', undefined],
  ['.', undefined],
])('%s: %s', (text, name) => {
  expect(fullName(text, 'clusterset.local')).toBe(name);
});
