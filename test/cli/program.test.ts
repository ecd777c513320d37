import { describe, expect, test } from 'vitest';
import { environmentOf, flagOf, type Given, operandOf } from '../../src/apps/setting.ts';
import { CausewayError } from '../../src/base/errors.ts';
import { COMMANDS, GROUPS } from '../../src/cli/index.ts';
import { runProgram } from '../../src/cli/program.ts';
import { Interrupted } from '../../src/cli/terminal.ts';
import { ApiError } from '../../src/kube/api-error.ts';

/** Runs `causeway WORDS…` with commands that only note what they were given. */
async function run(
  words: readonly string[],
  behaviour: () => Promise<number> = async () => 0,
  program = 'causeway',
) {
  const given: Given[] = [];
  let output = '';
  const complaints: string[] = [];
  const progress: string[] = [];
  const commands = COMMANDS.map(command => ({
    ...command,
    run: (told: Given) => {
      given.push(told);
      return behaviour();
    },
  }));
  const code = await runProgram(commands, words, {
    program,
    environment: { CAUSEWAY_ZONE: 'mesh.test' },
    print: text => {
      output += text;
    },
    complain: line => complaints.push(line),
    progress: text => progress.push(text),
    isTerminal: { output: false, progress: false },
    columns: Number.POSITIVE_INFINITY,
    interrupted: () => new AbortController().signal,
  });
  return { code, output, complaints, progress, flags: given[0]?.flags, given };
}

function apiError(status: number): ApiError {
  return new ApiError('list services', { status, reason: 'Reason', message: 'said so' });
}

describe('help', () => {
  test.each([[['--help']], [['-h']], [[]]])('causeway %j lists the commands', async words => {
    const { code, output, complaints } = await run(words);
    expect(code).toBe(0);
    expect(output).toMatch(/^Usage: causeway /);
    const single = COMMANDS.filter(({ name }) => !name.includes(' ')).map(({ name, summary }) => [
      name,
      summary,
    ]);
    for (const [word, summary] of [...single, ...Object.entries(GROUPS)]) {
      expect(output.replaceAll(/\s+/g, ' ')).toMatch(new RegExp(` ${word} .*${summary}`));
    }
    expect(complaints).toEqual([]);
  });

  test.each(Object.entries(GROUPS))('causeway %s lists what is in the group', async (group, summary) => {
    const { code, output, complaints } = await run([group]);
    expect([code, complaints]).toEqual([0, []]);
    expect(output).toMatch(new RegExp(`^Usage: causeway ${group} `));
    expect(output.replaceAll(/\s+/g, ' ')).toContain(summary);
  });

  test.each(COMMANDS)(
    'of $name says flag, variable and default of every setting',
    async ({ name, summary, operands = {}, settings, examples }) => {
      const { code, output, given } = await run([...name.split(' '), '--help']);
      const text = output.replaceAll(/\s+/g, ' ');
      expect(code).toBe(0);
      expect(given).toEqual([]);
      expect(text).toContain(summary);
      for (const [operand, { help }] of Object.entries(operands)) {
        expect(text).toContain(` ${operandOf(operand).slice(1, -1)} ${help}`);
      }
      for (const { to, line } of examples) expect(output).toContain(`\nTo ${to}:\n  ${line}\n`);
      for (const [setting, { help, shown, reader }] of Object.entries(settings)) {
        expect(text).toContain(`${flagOf(setting)} ${reader.placeholder} ${help}`);
        expect(text).toContain(`(default: ${shown}; ${environmentOf(setting)})`);
      }
    },
  );

  test.each([
    { words: ['help'], same: ['--help'] },
    { words: ['help', 'dns'], same: ['dns', '--help'] },
    { words: ['help', 'get'], same: ['get'] },
    { words: ['help', 'get', 'clusters'], same: ['get', 'clusters', '--help'] },
  ])('causeway $words is causeway $same', async ({ words, same }) => {
    const helped = await run(words);
    expect(helped).toEqual(await run(same));
    expect([helped.code, helped.complaints]).toEqual([0, []]);
  });

  test('on what is no command is a command line that cannot be understood', async () => {
    const { code, complaints } = await run(['help', 'dn']);
    expect([code, complaints]).toEqual([
      2,
      ["unknown command 'dn' (Did you mean dns?); see causeway --help"],
    ]);
  });

  test('shows a default with its unit', async () => {
    const { output } = await run(['dns', '--help']);
    expect(output.replaceAll(/\s+/g, ' ')).toContain('(default: 5 seconds; CAUSEWAY_TTL)');
  });

  test('names the program as its user called it', async () => {
    const { output } = await run(['dns', '--help'], undefined, 'kubectl causeway');
    expect(output).toMatch(/^Usage: kubectl causeway dns \[options\]\n/);
    expect(output).toContain('\n  kubectl causeway dns --source directory:');
    const { complaints } = await run(['dns', '--tll'], undefined, 'kubectl causeway');
    expect(complaints).toEqual([expect.stringMatching(/; see kubectl causeway dns --help$/)]);
  });

  test('the version is that of the package', async () => {
    const { code, output } = await run(['--version']);
    expect(code).toBe(0);
    expect(output).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('flags', () => {
  test('reach the command unread, with the environment', async () => {
    const { code, flags, given } = await run([
      'dns',
      '--ttl',
      '7',
      '--listen=127.0.0.1:53',
      '--listen',
      '[::1]:53',
      '--cluster-names',
    ]);
    expect(code).toBe(0);
    expect(flags).toEqual({ ttl: ['7'], listen: ['127.0.0.1:53', '[::1]:53'], clusterNames: ['true'] });
    expect(given[0]?.environment).toEqual({ CAUSEWAY_ZONE: 'mesh.test' });
  });

  test('that may stand alone also take a value', async () => {
    expect((await run(['dns', '--cluster-names=false'])).flags).toEqual({ clusterNames: ['false'] });
    const twice = ['dns', '--cluster-names', '--cluster-names=maybe'];
    expect((await run(twice)).flags).toEqual({ clusterNames: ['true', 'maybe'] });
  });
});

describe('operands', () => {
  test('reach the command by name', async () => {
    const { given } = await run(['get', 'clusters', '-o', 'json']);
    expect(given).toEqual([
      { flags: { output: ['json'] }, operands: {}, environment: { CAUSEWAY_ZONE: 'mesh.test' } },
    ]);
  });
});

describe('a command line that cannot be understood is one line, and code 2', () => {
  test.each([
    [['dns', '--tll', '5'], "unknown option '--tll' (Did you mean --ttl?); see causeway dns --help"],
    [['dns', '--ttl'], "option '--ttl <seconds>' argument missing; see causeway dns --help"],
    [
      ['dns', 'extra'],
      "too many arguments for 'dns'. Expected 0 arguments but got 1; see causeway dns --help",
    ],
    [['dn'], "unknown command 'dn' (Did you mean dns?); see causeway --help"],
    [['--bogus'], "unknown option '--bogus'; see causeway --help"],
  ])('causeway %j', async (words, line) => {
    const { code, output, complaints, given } = await run(words);
    expect([code, complaints, output, given]).toEqual([2, [line], '', []]);
  });

  test('so is a setting that is refused', async () => {
    const refuse = () => Promise.reject(new CausewayError('SETTING_INVALID', '--ttl: found "x"'));
    const { code, complaints } = await run(['dns'], refuse);
    expect([code, complaints]).toEqual([2, ['--ttl: found "x"']]);
  });
});

describe('what a command comes to', () => {
  test('its exit code', async () => {
    expect((await run(['dns'], async () => 1)).code).toBe(1);
  });

  test('a fault that a person must mend is one line, and code 1', async () => {
    const refuse = () => Promise.reject(new CausewayError('LISTEN_FAILED', 'cannot listen on 127.0.0.1:53'));
    const { code, complaints } = await run(['dns'], refuse);
    expect([code, complaints]).toEqual([1, ['cannot listen on 127.0.0.1:53']]);
  });

  test.each([
    { fault: 'an unknown context', code: 2, thrown: new CausewayError('CONTEXT_UNKNOWN', 'no context a') },
    { fault: 'no answer', code: 3, thrown: new CausewayError('API_UNREACHABLE', 'cannot list') },
    { fault: 'not let in', code: 3, thrown: apiError(401) },
    { fault: 'not allowed', code: 3, thrown: apiError(403) },
    { fault: 'another refusal', code: 1, thrown: apiError(409) },
    { fault: 'Ctrl-C', code: 130, thrown: new Interrupted('ended by SIGINT') },
  ])('$fault is code $code, in one line and without a stack', async ({ code, thrown }) => {
    const ended = await run(['get', 'clusters'], () => Promise.reject(thrown));
    expect(ended).toMatchObject({ code, complaints: [thrown.message], progress: [] });
  });

  test('--verbose adds where it came from', async () => {
    const refuse = () => Promise.reject(apiError(409));
    const { progress } = await run(['get', 'clusters', '--verbose'], refuse);
    expect(progress.join('')).toMatch(/program\.test\.ts/);
  });

  test('a fault of ours comes out as it is', async () => {
    await expect(run(['dns'], () => Promise.reject(new TypeError('oops')))).rejects.toThrow(TypeError);
  });
});
