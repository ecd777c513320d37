import type { MessageWriter } from '../writer.ts';

/** One record type: `write` puts the record's data, without the length before it. Names in it are absolute. */
export interface RecordType<Data extends { type: number }> {
  readonly type: Data['type'];
  write(writer: MessageWriter, data: Data): void;
}
