import { ANSWER, DROP, type Restraint } from '../answer/restraint.ts';
import { addressBytes } from '../base/ip.ts';
import type { Handler } from './transport.ts';

/** A truncated reply is a header and a question. */
const ROOM = 512;

/**
 * A handler for transports that move one message at a time: it asks first whether the client has had enough.
 *
 * @param now milliseconds on a clock that never goes back
 * @param limited called for each query over the limit
 */
export function restrained(
  handler: Handler,
  restraint: Restraint,
  now: () => number,
  limited: () => void,
): Handler {
  const output = new Uint8Array(ROOM);
  return (message, from) => {
    const client = addressBytes(from.address);
    const exchange = {
      ...{ message, start: 0, end: message.length },
      ...{ client, clientStart: 0, clientLength: client.length },
      ...{ output, outputStart: 0 },
    };
    const judged = restraint.judge(exchange, now());
    if (judged === ANSWER) return handler(message, from);
    limited();
    return judged === DROP ? undefined : output.slice(0, judged);
  };
}
