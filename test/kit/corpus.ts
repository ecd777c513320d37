import { FLAG, OPTION } from '../../src/wire/codes.ts';
import { hex, nameOctets, optRecord, packet, query, question, record } from './packet.ts';

const Z = 'clusterset.local';
const NAME = `payments.shop.svc.${Z}`;

const soaData = Buffer.concat([nameOctets(''), nameOctets(''), Buffer.alloc(20)]);

/** Good messages and bad ones: most mutations of a bad one are bad in more ways than one. */
export const corpus: readonly Buffer[] = [
  query(NAME, 'A'),
  query('PayMents.Shop.svc.ClusterSet.Local', 'AAAA', { edns: 4096, flags: FLAG.RD | FLAG.CD }),
  query(NAME, 'SRV', { edns: 1232, nsid: true, cookie: Buffer.alloc(8, 1), dnssecOk: true }),
  query(`ledger.shop.svc.${Z}`, 'A', { edns: 512, cookie: Buffer.alloc(24, 2) }),
  query(`_http._tcp.ledger.shop.svc.${Z}`, 'SRV', { edns: 65535 }),
  query(`nobody.shop.svc.${Z}`, 'ANY', { options: [{ code: 8, data: hex('00011800c00002') }] }),
  query(Z, 'SOA', { ednsVersion: 1 }),
  query(Z, 'AXFR', { edns: 1232 }),
  packet({ questions: [question(Z, 'IXFR')], authorities: [record(Z, 'SOA', soaData)] }),
  query('example.org', 'NS', { edns: 1232 }),
  query([63, 63, 63, 44].map(length => 'x'.repeat(length)).concat('clusterset', 'local'), 'A', { edns: 0 }),
  packet({ additionals: [optRecord({ options: [{ code: OPTION.COOKIE, data: Buffer.alloc(24) }] })] }),
  packet({ questions: [question(NAME, 'A')], additionals: [record('k', 'TSIG', hex('00')), optRecord()] }),
  packet({ counts: [1, 0, 0, 0], trailing: hex('c00c 0001 0001') }),
  packet({ counts: [65535, 65535, 65535, 65535] }),
  packet({ flags: 4 << 11, questions: [question(NAME, 'SOA')], additionals: [optRecord()] }),
];
