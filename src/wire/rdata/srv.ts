import { TYPE } from '../codes.ts';
import type { Labels } from '../name.ts';
import type { RecordType } from './record-type.ts';

/** Location of a service (RFC 2782). */
export interface SRVData {
  readonly type: typeof TYPE.SRV;
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: Labels;
}

export const srv: RecordType<SRVData> = {
  type: TYPE.SRV,
  write: (writer, data) => {
    writer.u16(data.priority);
    writer.u16(data.weight);
    writer.u16(data.port);
    // RFC 2782, "Target": name compression is not to be used for this field.
    writer.name(data.target, { compress: false });
  },
};
