import type { Answer, OptAnswer } from 'dns-packet';
import { parseAddress } from '../base/ip.ts';

/** The data of a record as a zone file has it; of types that have no form of their own here, as JSON. */
export function dataText(record: Exclude<Answer, OptAnswer>): string {
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return parseAddress(record.data) ?? printable(record.data);
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = record.data;
      return `${priority} ${weight} ${port} ${absolute(target)}`;
    }
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = record.data;
      return `${absolute(mname)} ${absolute(rname)} ${serial} ${refresh} ${retry} ${expire} ${minimum}`;
    }
    case 'NS':
    case 'PTR':
    case 'CNAME':
      return absolute(record.data);
    case 'MX':
      return `${record.data.preference ?? 0} ${absolute(record.data.exchange)}`;
    case 'TXT':
      return [record.data]
        .flat()
        .map(text => `"${printable(String(text))}"`)
        .join(' ');
    default:
      return printable(JSON.stringify(record.data) ?? '');
  }
}

function absolute(name: string): string {
  return printable(name === '.' ? name : `${name}.`);
}

/** What a server says may hold anything; controls and what is not ASCII are written as in a zone file. */
export function printable(text: string): string {
  return text.replace(/[^ -~]/g, character => {
    const code = character.charCodeAt(0);
    return `\\${String(code).padStart(3, '0')}`;
  });
}
