import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  base32hex,
  clusterServiceName,
  derivedServiceName,
  exportedServiceName,
  importedCopyName,
  importedSliceName,
  proxySliceName,
  publishedSliceName,
} from '../../src/desired/names.ts';
import { TOOLS } from '../kit/plan.ts';

const { sha256 } = TOOLS;
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const label = fc.stringMatching(LABEL);
const clusterId = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?(\.[a-z0-9]{1,20})?$/);
const sliceName = fc.stringMatching(/^[a-z0-9]{1,60}(\.[a-z0-9][-a-z0-9]{0,60}[a-z0-9]){0,3}$/);

describe('base32hex', () => {
  test.each([
    // RFC 4648 section 10, without padding.
    { text: '', encoded: '' },
    { text: 'f', encoded: 'co' },
    { text: 'fo', encoded: 'cpng' },
    { text: 'foo', encoded: 'cpnmu' },
    { text: 'foob', encoded: 'cpnmuog' },
    { text: 'fooba', encoded: 'cpnmuoj1' },
    { text: 'foobar', encoded: 'cpnmuoj1e8' },
  ])('$text', ({ text, encoded }) => {
    expect(base32hex(new TextEncoder().encode(text))).toBe(encoded);
  });
});

describe('names of derived objects', () => {
  test('a derived Service is called what mcs-api calls it', () => {
    // printf shop/payments | sha256sum, then base32hex, of another tool's making.
    expect(derivedServiceName('shop', 'payments', sha256)).toBe('derived-8ja62ka59m');
  });

  test('every name is one that an API server takes', () => {
    fc.assert(
      fc.property(label, label, clusterId, sliceName, (namespace, name, cluster, slice) => {
        const derived = derivedServiceName(namespace, name, sha256);
        const single = clusterServiceName(namespace, name, cluster, sha256);
        const published = publishedSliceName(namespace, slice, sha256);
        const imported = importedSliceName(name, cluster, published, sha256);
        for (const service of [derived, single]) expect(service).toMatch(LABEL);
        for (const other of [
          published,
          imported,
          proxySliceName(single, imported, sha256),
          exportedServiceName(namespace, name),
          importedCopyName(cluster, namespace, name),
        ]) {
          expect(other).toMatch(SUBDOMAIN);
          expect(other.length).toBeLessThanOrEqual(253);
        }
      }),
    );
  });

  test.each([
    { row: 'one that fits stays readable', slice: 'payments-x7k', name: 'shop.payments-x7k' },
    { row: 'one of 253 with its namespace stays', slice: 'a'.repeat(248), name: `shop.${'a'.repeat(248)}` },
    {
      row: 'a longer one ends in a hash',
      slice: 'a'.repeat(249),
      name: expect.stringMatching(/^shop\.a{237}-[0-9a-v]{10}$/),
    },
    {
      row: 'and is cut where a name may end',
      slice: `${'a'.repeat(235)}.-.${'b'.repeat(15)}`,
      name: expect.stringMatching(/^shop\.a{235}-[0-9a-v]{10}$/),
    },
  ])('a published slice: $row', ({ slice, name }) => {
    expect(publishedSliceName('shop', slice, sha256)).toEqual(name);
  });

  test('slices of two services never meet, whatever their parts add up to', () => {
    const one = importedSliceName('a-b', 'c', 'shop.x', sha256);
    const other = importedSliceName('a', 'b-c', 'shop.x', sha256);
    expect(one).not.toBe(other);
  });
});
