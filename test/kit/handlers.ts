import { pino } from 'pino';
import type { Handler } from '../../src/serve/transport.ts';

export const silent = pino({ level: 'silent' });

/** Gives back the header with QR set: the least that is a reply, and it tells which message it is for. */
export const headerOnly: Handler = message => {
  const reply = Buffer.from(message.subarray(0, 12));
  reply[2] = (reply[2] ?? 0) | 0x80;
  return reply;
};

/** Gives back the header with QR set and zeros up to this size. */
export function replyOf(size: number): Handler {
  return message => {
    const reply = Buffer.alloc(size);
    reply.set(message.subarray(0, 12));
    reply[2] = (reply[2] ?? 0) | 0x80;
    return reply;
  };
}

/** The ids of messages, in the order they came. */
export function idsOf(messages: readonly Buffer[]): number[] {
  return messages.map(message => message.readUInt16BE(0));
}
