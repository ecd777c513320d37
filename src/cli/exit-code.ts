import { CausewayError, type ErrorCode } from '../base/errors.ts';
import { ApiError } from '../kube/api-error.ts';
import { oneLine, visible } from '../terminal/visible.ts';
import { EXIT } from './command.ts';
import { Interrupted, type Terminal } from './terminal.ts';

/** What ended a command early. */
export interface Thrown {
  /** Undefined: nothing is wrong. */
  readonly fault: unknown;
  /** Whether the command line was not understood. */
  readonly usage: boolean;
  /** For messages: `causeway dns`. */
  readonly command: string;
  /** Whether to print the stack as well. */
  readonly verbose: boolean;
}

/** Faults that are not of the kind "something is wrong". */
const CODES: Partial<Record<ErrorCode, number>> = {
  SETTING_INVALID: EXIT.usage,
  CONTEXT_UNKNOWN: EXIT.usage,
  KUBECONFIG_INVALID: EXIT.usage,
  API_UNREACHABLE: EXIT.unreachable,
  DNS_UNREACHABLE: EXIT.unreachable,
  API_ANSWER_INVALID: EXIT.unreachable,
};

/** Says in one line what went wrong, and what the process ends with. Faults of the program itself are thrown on. */
export function exitCodeOf({ fault, usage, command, verbose }: Thrown, terminal: Terminal): number {
  if (fault === undefined) return EXIT.fine;
  if (!(fault instanceof Error)) throw fault;
  if (usage) {
    // Commander puts its suggestion on a second line, and ends some with a dot; one line is what a log shows.
    terminal.complain(
      `${fault.message
        .replace(/^error: /, '')
        .replace(/\.$/, '')
        .replaceAll('\n', ' ')}; see ${command} --help`,
    );
    return EXIT.usage;
  }
  const code = known(fault);
  if (code === undefined) throw fault;
  terminal.complain(oneLine(fault.message));
  if (verbose && fault.stack !== undefined) terminal.progress(`${visible(fault.stack)}\n`);
  return code;
}

function known(fault: Error): number | undefined {
  if (fault instanceof CausewayError) return CODES[fault.code] ?? EXIT.unhealthy;
  // Who is not let in has reached nothing; anything else that an API server refuses is an answer.
  if (fault instanceof ApiError) return [401, 403].includes(fault.status) ? EXIT.unreachable : EXIT.unhealthy;
  if (fault instanceof Interrupted) return EXIT.interrupted;
  return undefined;
}
