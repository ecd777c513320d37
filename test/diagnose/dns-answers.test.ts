import { expect, test } from 'vitest';
import { dnsAnswers } from '../../src/diagnose/dns-answers.ts';
import { type ClusterChange, clusterOf, factsOf, said } from '../kit/diagnose-facts.ts';
import { probe } from '../kit/diagnose-running.ts';

const SMALL = '? answer.size east: no headless service is imported, so that every answer is small';
const FAILED = { failed: 'no answer within 1 s' };
const largest = (answer: { rcode: string; records: number; transport: 'udp' | 'tcp' } | typeof FAILED) => ({
  value: {
    name: 'db.shop.svc.clusterset.local',
    answer: 'failed' in answer ? answer : { value: { ...answer, milliseconds: 2 } },
  },
});

test.each<{ case: string; change: ClusterChange; lines: string[] }>([
  {
    case: 'both over UDP and over TCP',
    change: {},
    lines: [
      '✓ answer.udp east: 10.110.0.53 port 53 answers NOERROR within 2 ms',
      '✓ answer.tcp east: 10.110.0.53 port 53 answers NOERROR within 2 ms',
      SMALL,
    ],
  },
  {
    case: 'nothing is reached: this machine is elsewhere',
    change: { probes: { value: [probe('10.10.0.9 port 1053', { udp: FAILED, tcp: FAILED })] } },
    lines: [
      '? answer.udp east: this machine does not reach the network of the pods: 10.10.0.9 port 1053: no answer within 1 s',
      '? answer.tcp east: this machine does not reach the network of the pods: 10.10.0.9 port 1053: no answer within 1 s',
      SMALL,
    ],
  },
  {
    case: 'pods are reached and ClusterIPs are not, as from outside',
    change: {
      probes: {
        value: [probe('10.110.0.53 port 53', { udp: FAILED, tcp: FAILED }), probe('10.10.0.9 port 1053')],
      },
    },
    lines: [
      '✓ answer.udp east: 10.10.0.9 port 1053 answers NOERROR within 2 ms',
      '✓ answer.tcp east: 10.10.0.9 port 1053 answers NOERROR within 2 ms',
      SMALL,
    ],
  },
  {
    case: 'no TCP',
    change: { probes: { value: [probe('10.10.0.9 port 1053', { tcp: FAILED })] } },
    lines: [
      '✓ answer.udp east: 10.10.0.9 port 1053 answers NOERROR within 2 ms',
      '✗ answer.tcp east: 10.10.0.9 port 1053 answers over UDP and not over TCP: no answer within 1 s',
      SMALL,
    ],
  },
  {
    case: 'no UDP',
    change: { probes: { value: [probe('10.10.0.9 port 1053', { udp: FAILED })] } },
    lines: [
      '✗ answer.udp east: 10.10.0.9 port 1053 answers over TCP and not over UDP: no answer within 1 s',
      '✓ answer.tcp east: 10.10.0.9 port 1053 answers NOERROR within 2 ms',
      SMALL,
    ],
  },
  {
    case: 'nobody is there',
    change: { probes: { value: [] }, largest: { unknown: 'forbidden' } },
    lines: [
      '? answer.udp east: there is no daemon to ask',
      '? answer.tcp east: there is no daemon to ask',
      '? answer.size east: forbidden',
    ],
  },
])('$case', ({ change, lines }) => {
  expect(said(dnsAnswers, factsOf(clusterOf(change)))).toEqual(lines);
});

test.each([
  {
    answer: { rcode: 'NOERROR', records: 70, transport: 'udp' as const },
    line: '✓ answer.size east: all 70 addresses of db.shop.svc.clusterset.local came over UDP',
  },
  {
    answer: { rcode: 'NOERROR', records: 300, transport: 'tcp' as const },
    line: '✓ answer.size east: all 300 addresses of db.shop.svc.clusterset.local came over TCP, as there are more than fit into a datagram',
  },
  {
    answer: FAILED,
    line: '✗ answer.size east: a small answer comes, and that for db.shop.svc.clusterset.local does not: no answer within 1 s',
  },
  {
    answer: { rcode: 'NXDOMAIN', records: 0, transport: 'udp' as const },
    line: '⚠ answer.size east: db.shop.svc.clusterset.local has endpoints, and its answer is NXDOMAIN without an address',
  },
])('a large answer: $line', ({ answer, line }) => {
  expect(said(dnsAnswers, factsOf(clusterOf({ largest: largest(answer) })))[2]).toBe(line);
});
