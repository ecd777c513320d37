import type { Observer, QueryEvent } from '../answer/event.ts';
import type { Logger } from '../ops/log.ts';
import { HEADER_LENGTH, rcodeName, typeName } from '../wire/codes.ts';
import { labelsAt, printName } from '../wire/name.ts';

/**
 * An observer that logs a share of all messages.
 *
 * @param share 0 to 1
 * @param random at least 0, below 1
 */
export function queryLog(log: Logger, share: number, random: () => number): Observer {
  return event => {
    if (random() < share) log.info(fieldsOf(event), 'query');
  };
}

/**
 * An observer that logs faults of ours: the 1st, 2nd, 4th, 8th and so on, because a client that has found one can send
 * it 50,000 times a second.
 */
export function failureLog(log: Logger): Observer {
  let failures = 0;
  return event => {
    if (event.drop !== 'internal') return;
    failures += 1;
    if ((failures & (failures - 1)) === 0) {
      log.error({ err: event.failure, failures, ...fieldsOf(event) }, 'query could not be answered');
    }
  };
}

function fieldsOf(event: Readonly<QueryEvent>): Record<string, unknown> {
  return {
    // Escaped as in a zone file: a name can hold any octet, also those that end a line or colour a terminal.
    name: event.type === 0 ? undefined : printName(labelsAt(event.message, HEADER_LENGTH)),
    type: event.type === 0 ? undefined : typeName(event.type),
    rcode: event.rcode === undefined ? undefined : rcodeName(event.rcode),
    drop: event.drop,
    client: event.client.address,
    transport: event.client.transport,
    cluster: event.cluster,
    microseconds: Math.round(event.seconds * 1e7) / 10,
  };
}
