export interface BenchCommand<Options> {
  /** `bench:dns` */
  readonly name: string;
  readonly usage: string;
  /** Throws with one line on what does not fit. */
  readonly readOptions: (args: readonly string[]) => Options;
  /** Returns the exit code. */
  readonly run: (options: Options) => Promise<number>;
}

/** Runs a benchmark with the words of the command line; 2: they do not fit, 1: it failed. */
export async function runCommand<Options>(command: BenchCommand<Options>): Promise<void> {
  process.exitCode = await exitCodeOf(command, process.argv.slice(2));
}

async function exitCodeOf<Options>(command: BenchCommand<Options>, args: string[]): Promise<number> {
  const { name, usage, readOptions, run } = command;
  if (args.includes('--help')) {
    console.log(usage);
    return 0;
  }
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : error}`);
    return 2;
  }
  try {
    return await run(options);
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : error}`);
    return 1;
  }
}

/** The value of an option that is a whole number from 1 to 9999. */
export function positive(flag: string, text: string): number {
  return wholeNumber(flag, text, 1, 9_999);
}

/** The value of an option that is a whole number. */
export function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new Error(`${flag} ${text}: must be a whole number from ${least} to ${most}`);
}
