import { basename } from 'node:path';
import { isatty } from 'node:tty';
import { writeError, writeOutput } from '../ops/standard-streams.ts';
import { Interrupted, type Terminal } from './terminal.ts';

/** The terminal of this process. */
export function processTerminal(): Terminal {
  const ending = new AbortController();
  const isTerminal = { output: isatty(1), progress: isatty(2) };
  return {
    program: programOf(process.argv[1]),
    environment: process.env,
    print: text => {
      if (!writeOutput(text)) ending.abort(new Interrupted('ended: nobody reads the output any more'));
    },
    complain: line => writeError(`causeway: ${line}\n`),
    progress: writeError,
    isTerminal,
    get columns() {
      // What is no terminal is not asked: Node would make a stream of it, and its pipe one that lets nobody wait.
      return (
        (isTerminal.output && process.stdout.columns) ||
        (isTerminal.progress && process.stderr.columns) ||
        Number.POSITIVE_INFINITY
      );
    },
    interrupted: once(() => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        // The second one finds no listener and ends the process at once.
        process.once(signal, () =>
          ending.abort(new Interrupted(`ended by ${signal}; run it again to go on`)),
        );
      }
      return ending.signal;
    }),
  };
}

/** kubectl runs what is named after it, for its own word and the next. */
function programOf(path = ''): string {
  return basename(path) === 'kubectl-causeway' ? 'kubectl causeway' : 'causeway';
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
