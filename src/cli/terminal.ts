/** What a command has of the process it runs in. */
export interface Terminal {
  /** What its user types to run us: `causeway`, or `kubectl causeway`. */
  readonly program: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What was asked for: to standard output. Throws CausewayError OUTPUT_UNWRITABLE; nobody reading it is no fault. */
  readonly print: (text: string) => void;
  /** One line about what went wrong: to standard error. */
  readonly complain: (line: string) => void;
  /** How it goes on the way: to standard error, so that what was asked for can be piped on. */
  readonly progress: (text: string) => void;
  /** Whether a person reads along. */
  readonly isTerminal: { readonly output: boolean; readonly progress: boolean };
  /** Width of the terminal in columns, as it is now; Infinity where there is none. */
  readonly columns: number;
  /**
   * Aborted by the first Ctrl-C (SIGINT) or SIGTERM, and once nobody reads what is printed. Only who asks for it takes
   * these signals over, so daemons, which have their own way to end, must not. Its reason is an Interrupted.
   */
  readonly interrupted: () => AbortSignal;
}

/** A person, or whoever started the process, wants it to end. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
