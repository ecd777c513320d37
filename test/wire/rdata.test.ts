import { decode as decodePacket } from 'dns-packet';
import { expect, test } from 'vitest';
import { TYPE } from '../../src/wire/codes.ts';
import { type RecordData, writeRecordData } from '../../src/wire/rdata/index.ts';
import { MessageWriter } from '../../src/wire/writer.ts';
import { type DnsRecord, zoneLines } from '../kit/dns.ts';
import { hex } from '../kit/packet.ts';

const ZONE = ['clusterset', 'local'];

interface Row {
  readonly data: RecordData;
  /** The record's data as a zone file has it. */
  readonly text: string;
  /** Length and data as they stand in a message whose only other name is `clusterset.local` at offset 12. */
  readonly octets: string;
}

const rows: readonly Row[] = [
  { data: { type: TYPE.A, address: hex('c0000201') }, text: 'A 192.0.2.1', octets: '0004 c0000201' },
  {
    data: { type: TYPE.AAAA, address: hex('20010db8000000000000000000000001') },
    text: 'AAAA 2001:db8::1',
    octets: '0010 20010db8000000000000000000000001',
  },
  {
    data: { type: TYPE.NS, target: ['ns', 'dns', ...ZONE] },
    text: 'NS ns.dns.clusterset.local.',
    octets: '0009 026e73 03646e73 c00c',
  },
  {
    data: {
      type: TYPE.SOA,
      server: ['ns', 'dns', ...ZONE],
      mailbox: ['hostmaster', ...ZONE],
      serial: 4294967295,
      refresh: 7200,
      retry: 1800,
      expire: 86400,
      minimum: 5,
    },
    text: 'SOA ns.dns.clusterset.local. hostmaster.clusterset.local. 4294967295 7200 1800 86400 5',
    octets:
      '002a 026e73 03646e73 c00c 0a686f73746d6173746572 c00c ffffffff 00001c20 00000708 00015180 00000005',
  },
  {
    data: { type: TYPE.SRV, priority: 0, weight: 50, port: 443, target: ['a', ...ZONE] },
    text: 'SRV 0 50 443 a.clusterset.local.',
    octets: '001a 0000 0032 01bb 0161 0a636c7573746572736574 056c6f63616c 00',
  },
  {
    data: { type: TYPE.TXT, strings: ['1.0.0', 'x'] },
    text: 'TXT "1.0.0" "x"',
    octets: '0008 05312e302e30 0178',
  },
];

test.each(rows)('$text', ({ data, text, octets }) => {
  const writer = new MessageWriter();
  for (const word of [0, 0x8400, 0, 1, 0, 0]) writer.u16(word);
  writer.name(ZONE);
  for (const word of [data.type, 1, 0, 30]) writer.u16(word);
  const start = writer.length;
  writeRecordData(writer, data);
  const message = Buffer.from(writer.finish());
  expect(message.subarray(start).toString('hex')).toBe(hex(octets).toString('hex'));
  const [record] = decodePacket(message).answers ?? [];
  expect(zoneLines([record as DnsRecord])).toEqual([`clusterset.local. 30 IN ${text}`]);
});
