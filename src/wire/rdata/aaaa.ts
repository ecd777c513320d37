import { TYPE } from '../codes.ts';
import type { RecordType } from './record-type.ts';

/** An address, 16 octets (RFC 3596 section 2.2). */
export interface AAAAData {
  readonly type: typeof TYPE.AAAA;
  readonly address: Uint8Array;
}

export const aaaa: RecordType<AAAAData> = {
  type: TYPE.AAAA,
  write: (writer, data) => writer.bytes(data.address),
};
