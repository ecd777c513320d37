import { TYPE } from '../codes.ts';
import type { Labels } from '../name.ts';
import type { RecordType } from './record-type.ts';

/** Start of authority (RFC 1035 section 3.3.13); times in seconds. */
export interface SOAData {
  readonly type: typeof TYPE.SOA;
  readonly server: Labels;
  readonly mailbox: Labels;
  readonly serial: number;
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  readonly minimum: number;
}

export const soa: RecordType<SOAData> = {
  type: TYPE.SOA,
  write: (writer, data) => {
    writer.name(data.server);
    writer.name(data.mailbox);
    for (const word of [data.serial, data.refresh, data.retry, data.expire, data.minimum]) writer.u32(word);
  },
};
