/**
 * Messages of netlink, by which Linux tells programs what is in its network (RFC 3549, netlink(7)). A message is a
 * header and a body, in the byte order of the machine; attributes follow the body, and may hold attributes themselves.
 * Here they are read; `bundle.ts` writes them.
 */

export type Protocol = 'route' | 'netfilter';

/** What a list is asked for with. */
export interface Request {
  readonly protocol: Protocol;
  readonly message: Uint8Array;
}

export const HEADER = 16;
export const ATTRIBUTE_HEADER = 4;
const NLMSG_ERROR = 2;
const NLMSG_DONE = 3;
/** Something was changed while the list was made. */
const NLM_F_DUMP_INTR = 0x10;
/** The reply holds no more of what it replies to than the header, and says more of an error than its number. */
const NLM_F_ACK_TLVS = 0x200;
const REPLY = 20;
const NLMSGERR_ATTR_MSG = 1;

/** An attribute that holds others, and one in network order: neither is part of its type. */
const TYPE_MASK = 0x3fff;

export function textOf(view: DataView, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) {
    const octet = view.getUint8(at);
    if (octet === 0) break;
    text += String.fromCharCode(octet);
  }
  return text;
}

export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** Whether a list is at its end, with what the kernel says of that. */
export interface Progress {
  readonly done: boolean;
  /** The list is not what was there at any one time. */
  readonly interrupted: boolean;
  /** Why there is no list, or no more of it; 0: nothing. */
  readonly errno: number;
}

/** @param octets whole messages */
export function progressOf(octets: Uint8Array): Progress {
  const view = viewOf(octets);
  let interrupted = false;
  for (let at = 0; at + HEADER <= octets.length; at += lengthAt(view, at)) {
    if ((view.getUint16(at + 6, true) & NLM_F_DUMP_INTR) !== 0) interrupted = true;
    const type = view.getUint16(at + 4, true);
    if (type !== NLMSG_ERROR && type !== NLMSG_DONE) continue;
    const length = view.getUint32(at, true);
    const errno = length < HEADER + 4 ? 0 : Math.abs(view.getInt32(at + HEADER, true));
    return { done: true, interrupted, errno };
  }
  return { done: false, interrupted, errno: 0 };
}

/** What became of one message. */
export interface Reply {
  readonly number: number;
  /** 0: it was done. */
  readonly errno: number;
  /** What the kernel says besides; empty: nothing. */
  readonly text: string;
}

export function repliesIn(octets: Uint8Array): Reply[] {
  const view = viewOf(octets);
  const replies: Reply[] = [];
  for (const { start, end } of bodiesIn(view, NLMSG_ERROR)) {
    let text = '';
    const says = (view.getUint16(start - HEADER + 6, true) & NLM_F_ACK_TLVS) !== 0;
    if (says)
      eachAttribute(view, start + REPLY, end, (kind, from, to) => {
        if (kind === NLMSGERR_ATTR_MSG) text = textOf(view, from, to);
      });
    const number = view.getUint32(start - HEADER + 8, true);
    replies.push({ number, errno: Math.abs(view.getInt32(start, true)), text });
  }
  return replies;
}

/** Where the bodies are of the messages of the type. */
export function* bodiesIn(
  view: DataView,
  type: number,
): Iterable<{ readonly start: number; readonly end: number }> {
  for (let at = 0; at + HEADER <= view.byteLength; at += lengthAt(view, at)) {
    if (view.getUint16(at + 4, true) === type)
      yield { start: at + HEADER, end: at + view.getUint32(at, true) };
  }
}

/** Calls back for each attribute. `start`: of its value. */
export function eachAttribute(
  view: DataView,
  start: number,
  end: number,
  told: (type: number, start: number, end: number) => void,
): void {
  for (let at = start; at + ATTRIBUTE_HEADER <= end; ) {
    const length = Math.max(view.getUint16(at, true), ATTRIBUTE_HEADER);
    told(view.getUint16(at + 2, true) & TYPE_MASK, at + ATTRIBUTE_HEADER, Math.min(at + length, end));
    at += aligned(length);
  }
}

/**
 * Takes out of the headers who asked and which question this answers, so that two lists of the same are the same
 * octets.
 */
export function blankHeaders(octets: Uint8Array): void {
  const view = viewOf(octets);
  for (let at = 0; at + HEADER <= octets.length; at += lengthAt(view, at))
    octets.fill(0, at + 8, at + HEADER);
}

function lengthAt(view: DataView, at: number): number {
  return aligned(Math.max(view.getUint32(at, true), HEADER));
}

export function aligned(length: number): number {
  return (length + 3) & ~3;
}
