import { expect, test } from 'vitest';
import { faultOf, fullName } from '../../src/lookup/full-name.ts';

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

const long = 'a'.repeat(63);
const SERVICES = 'be of letters, digits and hyphens, as Services and namespaces are named';

test.each([
  { name: 'payments.shop.svc.clusterset.local', must: undefined },
  { name: '_http._tcp.payments.shop.svc.clusterset.local', must: undefined },
  { name: 'shop.svc.clusterset.local', must: undefined },
  { name: 'svc.clusterset.local', must: undefined },
  { name: `${long}.shop.svc.clusterset.local`, must: undefined },
  { name: '_dmarc.pay_ments.example.org', must: undefined },
  { name: `${long}.${long}.${long}.${'a'.repeat(61)}`, must: undefined },
  { name: `${long}.${long}.${long}.${'a'.repeat(62)}`, must: 'be at most 253 characters with its zone' },
  { name: `${long}a.shop.svc.clusterset.local`, must: 'have at most 63 characters between its dots' },
  { name: 'payments..shop.svc.clusterset.local', must: 'have something between its dots' },
  { name: '.shop.svc.clusterset.local', must: 'have something between its dots' },
  { name: 'example.org.', must: 'have something between its dots' },
  { name: 'pay_ments.shop.svc.clusterset.local', must: SERVICES },
  { name: 'pay ments.shop.svc.clusterset.local', must: SERVICES },
  { name: 'payments.-shop.svc.clusterset.local', must: SERVICES },
  { name: '_http.shop.svc.clusterset.local', must: SERVICES },
  { name: '_shop.svc.clusterset.local', must: SERVICES },
  { name: '_ht tp._tcp.payments.shop.svc.clusterset.local', must: SERVICES },
])('whether there can be $name', ({ name, must }) => {
  expect(faultOf(name, 'clusterset.local')).toBe(must);
});
