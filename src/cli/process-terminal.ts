import { basename } from 'node:path';
import { Interrupted, type Terminal } from './terminal.ts';

/** The terminal of this process. */
export function processTerminal(): Terminal {
  return {
    program: programOf(process.argv[1]),
    environment: process.env,
    print: text => process.stdout.write(text),
    complain: line => console.error(`causeway: ${line}`),
    progress: text => process.stderr.write(text),
    isTerminal: { output: process.stdout.isTTY === true, progress: process.stderr.isTTY === true },
    get columns() {
      return process.stdout.columns || process.stderr.columns || Number.POSITIVE_INFINITY;
    },
    interrupted: once(signals),
  };
}

/** kubectl runs what is named after it, for its own word and the next. */
function programOf(path = ''): string {
  return basename(path) === 'kubectl-causeway' ? 'kubectl causeway' : 'causeway';
}

function signals(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // The second one finds no listener and ends the process at once.
    process.once(signal, () =>
      controller.abort(new Interrupted(`ended by ${signal}; run it again to go on`)),
    );
  }
  return controller.signal;
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
