import { TYPE } from '../codes.ts';
import type { Labels } from '../name.ts';
import type { RecordType } from './record-type.ts';

/** A name server of the zone (RFC 1035 section 3.3.11). */
export interface NSData {
  readonly type: typeof TYPE.NS;
  readonly target: Labels;
}

export const ns: RecordType<NSData> = {
  type: TYPE.NS,
  write: (writer, data) => writer.name(data.target),
};
