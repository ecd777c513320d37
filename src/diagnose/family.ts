import type { Diagnosis } from '../views/diagnose.ts';
import type { Facts } from './facts.ts';

/** What is said of one thing that is wrong. `{words}` in braces stand for what was found in a given case. */
export interface Message<Check extends string = string> {
  readonly check: Check;
  readonly verdict: 'warning' | 'bad';
  /** What was found, after what it is about. */
  readonly found: string;
  /** What most likely brought it about. */
  readonly cause: string;
  /** What to do about it. */
  readonly cure: string;
}

/** Checks that look at the same thing. docs/troubleshooting.md is made of these tables. */
export interface Family {
  /** `tls` */
  readonly name: string;
  /** What its checks look at; completes "Looks at …". */
  readonly about: string;
  /** Stable name of each check and what it makes sure of: `tls.chain`. */
  readonly checks: Readonly<Record<string, string>>;
  /** By stable code, everything that can be found wrong. */
  readonly messages: Readonly<Record<string, Message>>;
  /** Every check says something of everything it is about: a check that finds nothing to say has not looked. */
  readonly judge: (facts: Facts) => readonly Diagnosis[];
}

type Placeholder<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholder<Rest>
  : never;

type Values<Found extends Message> = Readonly<
  Record<Placeholder<`${Found['found']}${Found['cause']}${Found['cure']}`>, string | number>
>;

/** How a family speaks: nothing that is wrong is said in words that are not in its table. */
export interface Say<Check extends string, Messages extends Readonly<Record<string, Message>>> {
  /** It was looked at just now, and is as it should be. */
  good(check: Check, about: string, found: string): Diagnosis;
  /** It could not be looked at. */
  unknown(check: Check, about: string, reason: string, remedy?: string): Diagnosis;
  wrong<Code extends keyof Messages & string>(
    code: Code,
    about: string,
    values: Values<Messages[Code]>,
  ): Diagnosis;
}

interface Definition<
  Checks extends Readonly<Record<string, string>>,
  Messages extends Readonly<Record<string, Message>>,
> {
  readonly name: string;
  readonly about: string;
  readonly checks: Checks;
  readonly messages: Messages;
  readonly judge: (facts: Facts, say: Say<keyof Checks & string, Messages>) => Iterable<Diagnosis>;
}

/** A family whose words are checked against its table by the compiler. */
export function family<
  const Checks extends Readonly<Record<string, string>>,
  const Messages extends Readonly<Record<string, Message<keyof Checks & string>>>,
>({ judge, ...table }: Definition<Checks, Messages>): Family {
  const say: Say<keyof Checks & string, Messages> = {
    good: (check, about, found) => ({ check, about, verdict: 'good', found }),
    unknown: (check, about, reason, remedy) => ({
      check,
      about,
      verdict: 'unknown',
      found: reason,
      ...(remedy === undefined ? {} : { remedy }),
    }),
    wrong: (code, about, values) => wrong(code, about, table.messages[code], values),
  };
  return { ...table, judge: facts => [...judge(facts, say)] };
}

/** What is said of a case, by a message of a family's table. */
export function wrong(
  code: string,
  about: string,
  message: Message | undefined,
  values: Readonly<Record<string, string | number>>,
): Diagnosis {
  if (message === undefined) throw new Error(`there is no message ${code}`);
  const filled = (text: string) => text.replaceAll(/\{(\w+)\}/g, (_, name: string) => `${values[name]}`);
  const { check, verdict } = message;
  const [found, cause, remedy] = [message.found, message.cause, message.cure].map(filled);
  return { check, about, verdict, found: found ?? '', code, cause, remedy };
}
