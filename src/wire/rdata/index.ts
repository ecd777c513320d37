import type { MessageWriter } from '../writer.ts';
import { type AData, a } from './a.ts';
import { type AAAAData, aaaa } from './aaaa.ts';
import { type NSData, ns } from './ns.ts';
import type { RecordType } from './record-type.ts';
import { type SOAData, soa } from './soa.ts';
import { type SRVData, srv } from './srv.ts';
import { type TXTData, txt } from './txt.ts';

/** What the zone can hold at a name. */
export type RecordData = AData | AAAAData | NSData | SOAData | SRVData | TXTData;

/** The record types that can be written, one file each: a new one is a file, a line here and a member of RecordData. */
const recordTypes: readonly RecordType<RecordData>[] = [a, aaaa, ns, soa, srv, txt];

const byType = new Map(recordTypes.map(recordType => [recordType.type, recordType]));

/** Writes the data of a record, its length before it. */
export function writeRecordData(writer: MessageWriter, data: RecordData): void {
  const place = writer.beginLength();
  byType.get(data.type)?.write(writer, data);
  writer.endLength(place);
}
