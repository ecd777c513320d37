import { TYPE } from '../codes.ts';
import type { RecordType } from './record-type.ts';

/** An address, 4 octets (RFC 1035 section 3.4.1). */
export interface AData {
  readonly type: typeof TYPE.A;
  readonly address: Uint8Array;
}

export const a: RecordType<AData> = {
  type: TYPE.A,
  write: (writer, data) => writer.bytes(data.address),
};
