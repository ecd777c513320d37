import { CausewayError } from '../base/errors.ts';

/** How one kind of value is read from text. */
export interface Reader<Value> {
  /** Stands for the value in `--help`: `<seconds>`. */
  readonly placeholder: string;
  /** What a shell may suggest: these words, files, or the contexts of the kubeconfig. Undefined: nothing. */
  readonly suggests?: readonly string[] | 'files' | 'contexts';
  /** Completes "must be …". */
  readonly must: string;
  /** Undefined: the text is not such a value. */
  readonly read: (text: string) => Value | undefined;
}

/** One setting: a flag and its environment twin. */
export interface Setting<Value> {
  readonly reader: Reader<unknown>;
  readonly help: string;
  /** Default and its unit, as people read it. */
  readonly shown: string;
  readonly repeatable: boolean;
  /** Of the flag: `n` for `-n`. */
  readonly short?: string;
  /** Whether there is no default. */
  readonly mandatory?: boolean;
  /** @throws Error whose message says what was found and what it must be */
  readonly parse: (texts: readonly string[] | undefined) => Value;
}

/** Name in camel case → setting: the whole of what a command can be told. */
export type SettingsTable = Readonly<Record<string, Setting<unknown>>>;

/** What a table's settings come to. */
export type Config<Table extends SettingsTable> = {
  readonly [Name in keyof Table]: Table[Name] extends Setting<infer Value> ? Value : never;
};

/** What the command line and the environment said, unread. */
export interface Given {
  /** By setting name; a flag that was repeated has several. */
  readonly flags: Readonly<Record<string, readonly string[] | undefined>>;
  /** By name, what stands without a flag. */
  readonly operands: Readonly<Record<string, readonly string[] | undefined>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A setting with a default, written as a user would. `unit` is only shown. */
export function required<Value>(
  reader: Reader<Value>,
  help: string,
  preset: string,
  unit = '',
): Setting<Value> {
  return {
    reader,
    help,
    shown: unit === '' ? preset : `${preset} ${unit}`,
    repeatable: false,
    parse: texts => one(reader, texts?.at(-1) ?? preset),
  };
}

/** A setting that may be absent. `shown` says what holds then. */
export function optional<Value>(
  reader: Reader<Value>,
  help: string,
  shown: string,
): Setting<Value | undefined> {
  return {
    reader,
    help,
    shown,
    repeatable: false,
    parse: texts => {
      const text = texts?.at(-1);
      return text === undefined ? undefined : one(reader, text);
    },
  };
}

/** A setting without which there is nothing to do. */
export function mandatory<Value>(reader: Reader<Value>, help: string): Setting<Value> {
  return {
    reader,
    help,
    shown: 'none: it has to be given',
    repeatable: false,
    mandatory: true,
    parse: texts => {
      const text = texts?.at(-1);
      if (text === undefined) throw new Error(`is missing, must be ${reader.must}`);
      return one(reader, text);
    },
  };
}

/** The same setting with a flag of one letter besides. */
export function short<Value>(letter: string, setting: Setting<Value>): Setting<Value> {
  return { ...setting, short: letter };
}

/** A setting that may be given several times, or once with commas. */
export function repeated<Value>(
  reader: Reader<Value>,
  help: string,
  preset: readonly string[],
  shown = preset.join(','),
): Setting<readonly Value[]> {
  return {
    reader,
    help,
    shown,
    repeatable: true,
    parse: texts => (texts ?? preset).flatMap(text => text.split(',')).map(text => one(reader, text.trim())),
  };
}

function one<Value>(reader: Reader<Value>, text: string): Value {
  const value = reader.read(text);
  if (value === undefined) throw new Error(`found ${JSON.stringify(text)}, must be ${reader.must}`);
  return value;
}

export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
}

/** An operand as it stands in `--help`: `<service>`. */
export function operandOf(name: string): string {
  return `<${flagOf(name).slice(2)}>`;
}

export function environmentOf(name: string): string {
  return `CAUSEWAY_${name.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`;
}

/**
 * Reads every setting of a table: the flag, else the environment, else the default. An empty variable counts as unset.
 * Other `CAUSEWAY_*` variables are left alone, because Kubernetes itself sets `CAUSEWAY_DNS_SERVICE_HOST` and its like
 * in every pod beside a Service named `causeway-dns`.
 *
 * @throws CausewayError SETTING_INVALID naming the flag or variable
 */
export function readSettings<Table extends SettingsTable>(table: Table, given: Given): Config<Table> {
  const config: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(table)) {
    const flag = given.flags[name];
    const variable = given.environment[environmentOf(name)] || undefined;
    try {
      config[name] = setting.parse(flag ?? (variable === undefined ? undefined : [variable]));
    } catch (fault) {
      const source = flag === undefined && variable !== undefined ? environmentOf(name) : flagOf(name);
      throw new CausewayError('SETTING_INVALID', `${source}: ${(fault as Error).message}`);
    }
  }
  return Object.freeze(config) as Config<Table>;
}

/**
 * Reads every operand of a table. They have no environment twins.
 *
 * @throws CausewayError SETTING_INVALID naming the operand
 */
export function readOperands<Table extends SettingsTable>(table: Table, given: Given): Config<Table> {
  const config: Record<string, unknown> = {};
  for (const [name, operand] of Object.entries(table)) {
    try {
      config[name] = operand.parse(given.operands[name]);
    } catch (fault) {
      throw new CausewayError('SETTING_INVALID', `${operandOf(name)}: ${(fault as Error).message}`);
    }
  }
  return Object.freeze(config) as Config<Table>;
}
