import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type FileHandle, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a program said and how it ended. */
export interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** How programs are run. */
export interface Commands {
  /**
   * @param input what the program reads on its standard input
   * @throws Error of code ENOENT where there is no such program
   */
  run(program: string, args: readonly string[], input?: string): Promise<Outcome>;
}

/** Milliseconds after which a program is taken to hang; loading 15,000 routes takes 250. */
const PATIENCE = 30_000;
/** `wg` waits for ever for a wireguard-go that hangs, where 5,000 peers take it 200, and `birdc` for such a BIRD. */
const PATIENCE_WITH: ReadonlyMap<string, number> = new Map([
  ['wg', 10_000],
  ['birdc', 5_000],
]);

/** As child processes, never by a shell. @param before words of a command that runs the program elsewhere */
export function childCommands(before: readonly string[] = []): Commands {
  return {
    run: async (program, args, input) => {
      const words = [...before, program, ...args];
      const patience = PATIENCE_WITH.get(program) ?? PATIENCE;
      if (input === undefined) return run(words, patience, 'ignore');
      const file = await heldFile(input);
      try {
        return await run(words, patience, file.fd);
      } finally {
        await file.close();
      }
    },
  };
}

/**
 * In a session of its own: what a program leaves running (wireguard-go does) shall not get the signals that end us.
 * Told of a log level, that one would keep our pipes open.
 */
async function run(
  [command = '', ...args]: readonly string[],
  timeout: number,
  stdin: 'ignore' | number,
): Promise<Outcome> {
  const env = { ...process.env, LOG_LEVEL: '' };
  const child = spawn(command, args, { stdio: [stdin, 'pipe', 'pipe'], timeout, detached: true, env });
  let output = '';
  let errors = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const [code, signal] = await once(child, 'close');
  // What we ended was out of time; others may have had their reasons.
  const end = child.killed ? `no answer within ${timeout / 1_000} s` : `ended by ${signal}`;
  return { code: code ?? 128, output, errors: signal === null ? errors : `${errors}${end}` };
}

/**
 * A file without a name that holds the text. Node makes sockets where others make pipes, and nft opens its standard
 * input by its path, which the kernel refuses for a socket.
 */
async function heldFile(text: string): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'causeway-'));
  try {
    const path = join(folder, 'input');
    await writeFile(path, text, { mode: 0o600 });
    return await open(path, 'r');
  } finally {
    await rm(folder, { recursive: true });
  }
}
