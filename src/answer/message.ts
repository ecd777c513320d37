import type { Node, RecordSet } from '../records/node.ts';
import { CLASS, FLAG, HEADER_LENGTH, MAX_MESSAGE_LENGTH, TYPE } from '../wire/codes.ts';
import type { Labels } from '../wire/name.ts';
import { type RecordData, writeRecordData } from '../wire/rdata/index.ts';
import { MessageFullError, MessageWriter } from '../wire/writer.ts';

/** A record set with its owner, absolute and spelt as it is to be answered. */
export interface OwnedSet {
  readonly owner: Labels;
  readonly set: RecordSet;
}

export interface Sections {
  readonly answer: readonly OwnedSet[];
  readonly authority: readonly OwnedSet[];
  readonly additional: readonly OwnedSet[];
}

/** A message with id 0 and without an OPT record: what is the same for everyone who asks this question. */
export interface Body {
  readonly bytes: Uint8Array;
  /** Where the additional section begins. It may be left out without setting TC (RFC 2181 section 9). */
  readonly additionalStart: number;
  readonly additionals: number;
}

/** Room kept for the OPT record: 11 octets, a cookie, a name server id and an extended error with its text. */
const OPT_ROOM = 512;

/** Writes a question and its sections, as an authoritative response. */
export function writeBody(
  question: { readonly name: Labels; readonly type: number },
  rcode: number,
  sections: Sections,
): Body {
  const writer = new MessageWriter(MAX_MESSAGE_LENGTH - OPT_ROOM);
  writeHeader(writer, FLAG.QR | FLAG.AA | rcode);
  writer.name(question.name);
  writer.u16(question.type);
  writer.u16(CLASS.IN);
  writer.patchU16(4, 1);
  writer.patchU16(6, writeSection(writer, sections.answer));
  writer.patchU16(8, writeSection(writer, sections.authority));
  const additionalStart = writer.length;
  const additionals = writeSection(writer, sections.additional);
  writer.patchU16(10, additionals);
  return { bytes: writer.finish(), additionalStart, additionals };
}

/** A header with id 0 and all counts 0. */
export function writeHeader(writer: MessageWriter, flags: number): void {
  writer.u16(0);
  writer.u16(flags);
  for (let count = writer.length; count < HEADER_LENGTH; count += 2) writer.u16(0);
}

/** Writes record sets and returns the number of records. What does not fit any more is left out, whole records only. */
function writeSection(writer: MessageWriter, section: readonly OwnedSet[]): number {
  let count = 0;
  for (const { owner, set } of section) {
    for (const data of set.data) {
      if (!writeRecord(writer, owner, set, data)) return count;
      count++;
    }
  }
  return count;
}

/** Writes one record; false, and nothing is written, where the message is full. */
export function writeRecord(writer: MessageWriter, owner: Labels, set: RecordSet, data: RecordData): boolean {
  const start = writer.length;
  try {
    writer.name(owner);
    writer.u16(set.type);
    writer.u16(CLASS.IN);
    writer.u32(set.ttl);
    writeRecordData(writer, data);
    return true;
  } catch (error) {
    if (!(error instanceof MessageFullError)) throw error;
    writer.rewind(start);
    return false;
  }
}

/** Completes the names inside a set with the zone, as the question spelt it. */
export function withOrigin(set: RecordSet, origin: Labels): RecordSet {
  if (set.type === TYPE.A || set.type === TYPE.AAAA || set.type === TYPE.TXT) return set;
  return { ...set, data: set.data.map(data => completed(data, origin)) };
}

function completed(data: RecordData, origin: Labels): RecordData {
  switch (data.type) {
    case TYPE.SRV:
    case TYPE.NS:
      return { ...data, target: [...data.target, ...origin] };
    case TYPE.SOA:
      return { ...data, server: [...data.server, ...origin], mailbox: [...data.mailbox, ...origin] };
    default:
      return data;
  }
}

/** The set of a type among those that stand at a node whatever is drawn. */
export function setOf(node: Pick<Node, 'sets'>, type: number): RecordSet | undefined {
  return node.sets.find(set => set.type === type);
}
