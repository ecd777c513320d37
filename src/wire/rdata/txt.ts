import { TYPE } from '../codes.ts';
import type { RecordType } from './record-type.ts';

/** Descriptive text, one or more character-strings (RFC 1035 section 3.3.14). */
export interface TXTData {
  readonly type: typeof TYPE.TXT;
  readonly strings: readonly string[];
}

export const txt: RecordType<TXTData> = {
  type: TYPE.TXT,
  write: (writer, data) => {
    for (const text of data.strings) writer.characterString(text);
  },
};
