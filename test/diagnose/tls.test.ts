import { expect, test } from 'vitest';
import type { TlsFacts } from '../../src/diagnose/facts.ts';
import { tls } from '../../src/diagnose/tls.ts';
import { at, clusterOf, complaints, factsOf, reachOf, said } from '../kit/diagnose-facts.ts';

const alone = (reach = reachOf()) => factsOf(clusterOf({ reach, remotes: { value: [] } }));

test('a certificate without a fault', () => {
  expect(said(tls, alone())).toEqual([
    '✓ tls.handshake east: TLSv1.3, TLS_AES_128_GCM_SHA256',
    '✓ tls.chain east: it leads to the authority in the kubeconfig',
    '✓ tls.name east: it is for api.east.example.com',
    '✓ tls.usage east: serverAuth',
    '✓ tls.validity east: 213 days left, until 2027-01-01T00:00:00.000Z',
  ]);
});

const FAULTS: { fault: string; found: Partial<TlsFacts>; lines: string[] }[] = [
  {
    fault: 'signed by another authority',
    found: { chainFault: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' },
    lines: [
      '✗ tls.chain east: the certificate "CN=kube-apiserver", issued by "CN=kubernetes", does not lead to the authority in the kubeconfig: UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
  },
  {
    fault: 'for another name',
    found: { nameFits: false },
    lines: [
      '✗ tls.name east: the certificate is not for api.east.example.com, but for DNS:api.east.example.com, IP Address:10.0.0.1',
    ],
  },
  {
    fault: 'without a name',
    found: { nameFits: false, names: '' },
    lines: ['✗ tls.name east: the certificate is not for api.east.example.com, but for no name at all'],
  },
  {
    fault: "a client's, of which OpenSSL says the purpose",
    found: { usages: ['1.3.6.1.5.5.7.3.2'], chainFault: 'INVALID_PURPOSE' },
    lines: [
      '✗ tls.usage east: the certificate is not for servers; its extended key usage is 1.3.6.1.5.5.7.3.2',
    ],
  },
  { fault: 'for every use', found: { usages: ['2.5.29.37.0'] }, lines: [] },
  {
    fault: 'expired, of which OpenSSL says the date',
    found: { ends: at('2026-05-29T12:00:00Z'), chainFault: 'CERT_HAS_EXPIRED' },
    lines: ['✗ tls.validity east: the certificate ended at 2026-05-29T12:00:00.000Z, 3 days ago'],
  },
  {
    fault: 'expired, and its authority is another one besides',
    found: { ends: at('2026-05-29T12:00:00Z'), chainFault: 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY' },
    lines: [
      '✗ tls.chain east: the certificate "CN=kube-apiserver", issued by "CN=kubernetes", does not lead to the authority in the kubeconfig: UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      '✗ tls.validity east: the certificate ended at 2026-05-29T12:00:00.000Z, 3 days ago',
    ],
  },
  {
    fault: 'valid, but its authority has expired',
    found: { chainFault: 'CERT_HAS_EXPIRED' },
    lines: [
      '✗ tls.chain east: the certificate "CN=kube-apiserver", issued by "CN=kubernetes", does not lead to the authority in the kubeconfig: CERT_HAS_EXPIRED',
    ],
  },
  {
    fault: 'not yet valid',
    found: { begins: at('2026-06-02T00:00:00Z'), chainFault: 'CERT_NOT_YET_VALID' },
    lines: ['✗ tls.validity east: the certificate is valid from 2026-06-02T00:00:00.000Z on only'],
  },
  {
    fault: 'valid for 13 days more',
    found: { ends: at('2026-06-15T11:00:00Z') },
    lines: ['⚠ tls.validity east: the certificate ends in 13 days, at 2026-06-15T11:00:00.000Z'],
  },
  { fault: 'valid for 14 days more', found: { ends: at('2026-06-15T12:00:00Z') }, lines: [] },
  {
    fault: 'not looked at by whoever uses the kubeconfig',
    found: { authority: 'nobody', chainFault: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    lines: ['⚠ tls.chain east: nothing is verified: the kubeconfig says insecure-skip-tls-verify'],
  },
];

test.each(FAULTS)('$fault', ({ found, lines }) => {
  expect(complaints(tls, alone(reachOf({}, found)))).toEqual(lines);
});

test.each([
  {
    case: 'no TLS',
    tls: { failed: 'ERR_SSL_WRONG_VERSION_NUMBER' },
    line: '✗ tls.handshake east: no TLS with https://api.east.example.com:6443: ERR_SSL_WRONG_VERSION_NUMBER',
  },
  { case: 'no connection', tls: { unknown: 'not tried' }, line: '? tls.handshake east: not tried' },
])('$case', ({ tls: found, line }) => {
  expect(said(tls, alone(reachOf({ tls: found })))).toEqual([line]);
});
