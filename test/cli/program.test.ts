import { describe, expect, test } from 'vitest';
import { environmentOf, flagOf, type Given } from '../../src/apps/setting.ts';
import { CausewayError } from '../../src/base/errors.ts';
import { COMMANDS } from '../../src/cli/index.ts';
import { runProgram } from '../../src/cli/program.ts';

/** Runs `causeway WORDS…` with commands that only note what they were given. */
async function run(words: readonly string[], behaviour: () => Promise<number> = async () => 0) {
  const given: Given[] = [];
  let output = '';
  const complaints: string[] = [];
  const commands = COMMANDS.map(command => ({
    ...command,
    run: (told: Given) => {
      given.push(told);
      return behaviour();
    },
  }));
  const code = await runProgram(commands, words, {
    environment: { CAUSEWAY_ZONE: 'mesh.test' },
    print: text => {
      output += text;
    },
    complain: line => complaints.push(line),
  });
  return { code, output, complaints, flags: given[0]?.flags, given };
}

describe('help', () => {
  test.each([[['--help']], [['-h']], [[]]])('causeway %j lists the commands', async words => {
    const { code, output, complaints } = await run(words);
    expect(code).toBe(0);
    expect(output).toMatch(/^Usage: causeway /);
    for (const { name, summary } of COMMANDS) expect(output).toMatch(new RegExp(` ${name} .* ${summary}`));
    expect(complaints).toEqual([]);
  });

  test.each(COMMANDS)(
    'of $name says flag, variable and default of every setting',
    async ({ name, settings }) => {
      const { code, output, given } = await run([name, '--help']);
      const text = output.replaceAll(/\s+/g, ' ');
      expect(code).toBe(0);
      expect(given).toEqual([]);
      for (const [setting, { help, shown, reader }] of Object.entries(settings)) {
        expect(text).toContain(`${flagOf(setting)} ${reader.placeholder} ${help}`);
        expect(text).toContain(`(default: ${shown}; ${environmentOf(setting)})`);
      }
    },
  );

  test('shows a default with its unit', async () => {
    const { output } = await run(['dns', '--help']);
    expect(output.replaceAll(/\s+/g, ' ')).toContain('(default: 5 seconds; CAUSEWAY_TTL)');
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
  });
});

describe('a command line that cannot be understood is one line, and code 2', () => {
  test.each([
    [['dns', '--tll', '5'], "unknown option '--tll' (Did you mean --ttl?); see causeway dns --help"],
    [['dns', '--ttl'], "option '--ttl <seconds>' argument missing; see causeway dns --help"],
    [
      ['dns', 'extra'],
      "too many arguments for 'dns'. Expected 0 arguments but got 1.; see causeway dns --help",
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

  test('a fault of ours comes out as it is', async () => {
    await expect(run(['dns'], () => Promise.reject(new TypeError('oops')))).rejects.toThrow(TypeError);
  });
});
