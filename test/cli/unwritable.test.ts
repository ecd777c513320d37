import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';

const root = join(import.meta.dirname, '../..');

interface Ran {
  readonly output: string;
  readonly errors: string;
}

/** Runs a line of the shell in which `causeway` and `node` are ours; `$file` is a file that is not there yet. */
async function sh(line: string, file = ''): Promise<Ran> {
  const causeway = `causeway() { "$node" src/main.js "$@"; }\n`;
  const child = spawn('sh', ['-c', causeway + line], {
    cwd: root,
    // A limit on the size of files would be one on those of the cache, too.
    env: { node: process.execPath, file, NODE_DISABLE_COMPILE_CACHE: '1', PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', chunk => {
    output += chunk;
  });
  child.stderr.on('data', chunk => {
    errors += chunk;
  });
  await once(child, 'close');
  return { output, errors };
}

const FULL = 'causeway: could not write all of the output: ENOSPC: no space left on device, write\n';

describe('output that cannot be written is one line, and code 1', () => {
  test.each([
    { what: 'what a command prints', words: 'completion bash' },
    { what: 'objects', words: 'enable --cluster-id east -o yaml' },
    { what: 'help', words: '--help' },
    { what: 'the help of a command', words: 'get services --help' },
    { what: 'the help of a group', words: 'get' },
    { what: 'the version', words: '--version' },
  ])('$what', async ({ words }) => {
    expect(await sh(`causeway ${words} > /dev/full; echo $?`)).toEqual({ output: '1\n', errors: FULL });
  });

  test('where there was room for a part', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'causeway-output-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'causeway.yaml');
    const { output, errors } = await sh(
      '(ulimit -f 16; causeway enable --cluster-id east -o yaml > "$file"); echo $?',
      file,
    );
    expect({ output, errors }).toEqual({
      output: '1\n',
      errors: 'causeway: could not write all of the output: EFBIG: file too large, write\n',
    });
    expect(readFileSync(file).length).toBeGreaterThan(0);
  });
});

describe('a reader', () => {
  test('that has gone is no fault', async () => {
    const line = '{ causeway enable --cluster-id east -o yaml; echo $? >&2; } | true';
    expect(await sh(line)).toEqual({ output: '', errors: '0\n' });
  });

  const PRINT = (and: string) =>
    `"$node" -e 'import("./src/cli/process-terminal.ts").then(({ processTerminal }) => {
      const terminal = processTerminal();
      const signal = terminal.interrupted();
      terminal.print("x".repeat(1_000_000));
      ${and}
      process.exit(0);
    })'`;

  test('that has gone ends who would print on and on', async () => {
    const { errors } = await sh(`${PRINT('terminal.complain(signal.reason.message);')} | true`);
    expect(errors).toBe('causeway: ended: nobody reads the output any more\n');
  });

  test('that is slow gets all of it', async () => {
    expect(await sh(`${PRINT('')} | { sleep 0.5; wc -c; }`)).toEqual({ output: '1000000\n', errors: '' });
  });
});
