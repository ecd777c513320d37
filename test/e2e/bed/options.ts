import { parseArgs } from 'node:util';
import { messageOf } from '../../../src/base/errors.ts';

interface Option {
  /** What stands for its value: `FOLDER`. */
  readonly value: string;
  readonly about: string;
  readonly default: string;
  /** All that it may be; undefined: anything. */
  readonly must?: { readonly be: RegExp; readonly words: string };
}

/** A script of the bed, as `npm run` calls it. */
export interface Script<Name extends string> {
  /** `e2e:up` */
  readonly name: string;
  readonly does: string;
  readonly options: Readonly<Record<Name, Option>>;
}

/** The values of its options, or what to print in place of doing anything. */
export type Read<Name extends string> =
  | { readonly values: Readonly<Record<Name, string>> }
  | { readonly help: string }
  | { readonly fault: string };

/** Reads the command line of a script. */
export function readOptions<Name extends string>(script: Script<Name>, args: readonly string[]): Read<Name> {
  const options = Object.entries<Option>(script.options);
  const known = options.map(([name]) => [name, { type: 'string' }] as const);
  let given: Readonly<Record<string, unknown>>;
  try {
    const help = { type: 'boolean', short: 'h' } as const;
    given = parseArgs({ args: [...args], options: { help, ...Object.fromEntries(known) } }).values;
  } catch (thrown) {
    // The rest is about arguments that begin with a hyphen, of which there are none.
    const [what] = messageOf(thrown).split('. ');
    return { fault: `${script.name}: ${what}; --help says which there are` };
  }
  if (given['help'] === true) return { help: helpOf(script) };
  const values = options.map(([name, option]) => [name, String(given[name] ?? option.default)] as const);
  const wrong = values.find(([name, text]) => script.options[name as Name].must?.be.test(text) === false);
  if (wrong === undefined) return { values: Object.fromEntries(values) as Record<Name, string> };
  const [name, text] = wrong;
  return {
    fault: `${script.name}: --${name}: found "${text}", must be ${script.options[name as Name].must?.words}`,
  };
}

function helpOf({ name, does, options }: Script<string>): string {
  const lines = Object.entries(options).map(
    ([option, { value, about, default: usual }]) => `  --${option} ${value}: ${about} (${usual})`,
  );
  return [`npm run ${name} [-- OPTIONS]: ${does}`, ...lines].join('\n');
}

/** The same for this process, which ends where there is nothing to do. */
export function optionsOf<Name extends string>(script: Script<Name>): Readonly<Record<Name, string>> {
  const read = readOptions(script, process.argv.slice(2));
  if ('values' in read) return read.values;
  if ('help' in read) {
    console.log(read.help);
    process.exit(0);
  }
  console.error(read.fault);
  process.exit(2);
}
