import type { Arena } from './arena.ts';
import { EINTR, MSG_DONTWAIT, type SystemCalls } from './system-calls.ts';

export interface Sending {
  readonly calls: Pick<SystemCalls, 'send'>;
  readonly socket: number;
  readonly arena: Arena;
}

/**
 * Sends the replies that wait in an arena; those that the system refuses are passed over. Nobody waits for room in the
 * kernel: queries would wait behind the one client, or the one interface, that takes no more.
 */
export function sendAll({ calls, socket, arena }: Sending, failed: () => void): void {
  const { replies } = arena;
  for (let sent = 0; sent < replies; ) {
    const count = calls.send(socket, arena.sendHeaders(sent), replies - sent, MSG_DONTWAIT);
    if (count === -EINTR) continue;
    // The first of them is what could not be sent.
    if (count <= 0) failed();
    sent += Math.max(1, count);
  }
  arena.replies = 0;
}
