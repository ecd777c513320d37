import type { Node, RecordSet } from '../records/node.ts';
import type { Zone } from '../records/zone.ts';
import { CLASS, FLAG, TYPE } from '../wire/codes.ts';
import type { Labels } from '../wire/name.ts';
import type { RecordData } from '../wire/rdata/index.ts';
import { MessageWriter } from '../wire/writer.ts';
import type { Question } from './compile.ts';
import { type Body, withOrigin, writeHeader, writeRecord } from './message.ts';

/** Octets of one message: what a compression pointer reaches, so that every name in it can be pointed to. */
const MESSAGE_LIMIT = 16384;

interface TransferRecord {
  readonly owner: Labels;
  readonly set: RecordSet;
  readonly data: RecordData;
}

/**
 * The zone as a sequence of messages (RFC 5936): the SOA, every record, the same SOA again. It is what the zone was
 * when the transfer began, whatever changes while it runs. Where a name draws between clusters the transfer holds the
 * addresses of all of them: a zone file has no way to say weights.
 */
export function* transferBodies(zone: Zone, question: Question): Generator<Body> {
  const origin = question.name;
  let writer = begin(question);
  let count = 0;
  for (const { owner, set, data } of transferRecords(zone, origin)) {
    if (!writeRecord(writer, owner, set, data)) {
      yield end(writer, count);
      writer = begin(undefined);
      count = 0;
      writeRecord(writer, owner, set, data);
    }
    count++;
  }
  yield end(writer, count);
}

function* transferRecords(zone: Zone, origin: Labels): Generator<TransferRecord> {
  const soa = withOrigin(zone.soa, origin);
  const names = zone.snapshot();
  yield* recordsOf(origin, [soa]);
  for (const [labels, node] of names) {
    const owner = [...labels, ...origin];
    yield* recordsOf(
      owner,
      setsOf(node).map(set => withOrigin(set, origin)),
    );
  }
  yield* recordsOf(origin, [soa]);
}

function* recordsOf(owner: Labels, sets: readonly RecordSet[]): Generator<TransferRecord> {
  for (const set of sets) for (const data of set.data) yield { owner, set, data };
}

/** The sets of a node; those of its alternatives are joined, each address once. */
function setsOf(node: Node): RecordSet[] {
  const sets = [...node.sets];
  for (const type of [TYPE.A, TYPE.AAAA]) {
    const drawn = node.alternatives.flatMap(alternative => alternative.sets.filter(set => set.type === type));
    const [first] = drawn;
    if (first === undefined) continue;
    const distinct = new Map(drawn.flatMap(set => set.data.map(data => [addressKey(data), data])));
    sets.push({ ...first, data: [...distinct.values()] });
  }
  return sets;
}

function addressKey(data: RecordData): string {
  return data.type === TYPE.A || data.type === TYPE.AAAA ? data.address.join('.') : '';
}

/** Only the first message repeats the question (RFC 5936 section 2.2.1). */
function begin(question: Question | undefined): MessageWriter {
  const writer = new MessageWriter(MESSAGE_LIMIT);
  writeHeader(writer, FLAG.QR | FLAG.AA);
  if (question !== undefined) {
    writer.name(question.name);
    writer.u16(question.type);
    writer.u16(CLASS.IN);
    writer.patchU16(4, 1);
  }
  return writer;
}

function end(writer: MessageWriter, count: number): Body {
  writer.patchU16(6, count);
  const bytes = writer.finish();
  return { bytes, additionalStart: bytes.length, additionals: 0 };
}
