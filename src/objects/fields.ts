import * as v from 'valibot';
import { isClusterId, isLabel } from '../base/name.ts';
import { type Problems, show } from './problem.ts';
import type { Protocol } from './shapes.ts';

/**
 * The fields that several kinds share. Every optional one is `nullish`: for Kubernetes null and absent are the same,
 * and `endpoints: null` is what an API server prints for an empty slice. Unknown fields are dropped.
 */
const LABEL = 'an RFC 1123 label (lower-case letters, digits and "-"; at most 63)';
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const satisfies readonly Protocol[];

/** Names a Service, a namespace, a port. */
export const label = v.pipe(v.string(must(LABEL)), v.check(isLabel, must(LABEL)));

/** What an object may be called whose name is no part of a DNS name. */
export const subdomain = v.pipe(
  v.string(must('an RFC 1123 subdomain')),
  v.check(isSubdomain, must('an RFC 1123 subdomain (at most 253)')),
);

export function isSubdomain(text: string): boolean {
  return text.length <= 253 && SUBDOMAIN.test(text);
}

const CLUSTER_ID = must('a cluster id (an RFC 1123 subdomain of at most 63)');
export const clusterId = v.pipe(v.string(CLUSTER_ID), v.check(isClusterId, CLUSTER_ID));

export const portNumber = wholeNumber(1, 65_535);

export const portName = v.nullish(
  v.pipe(
    v.string(must(LABEL)),
    v.check(text => text === '' || isLabel(text), must(`empty or ${LABEL}`)),
  ),
);

export const protocol = v.nullish(v.picklist(PROTOCOLS, must('TCP, UDP or SCTP')));

/** `default` where the object names no namespace, as kubectl has it. */
export const namespace = v.nullish(label, 'default');

export const text = v.string(must('a string'));

export const stringMap = v.nullish(v.record(text, text, must('a mapping of strings')));

export function wholeNumber(least: number, most: number) {
  const range = must(`a whole number ${least}–${most}`);
  return v.pipe(v.number(range), v.integer(range), v.minValue(least, range), v.maxValue(most, range));
}

export function listOf<T extends v.GenericSchema>(item: T) {
  return v.nullish(v.array(item, must('a list')));
}

/** A list that whoever wrote it cannot make as long as they like: its length is looked at before its items are. */
export function boundedListOf<T extends v.GenericSchema>(item: T, most: number) {
  const list = v.custom<unknown[]>(Array.isArray, must('a list'));
  return v.nullish(v.pipe(list, v.maxLength(most, must(`a list of at most ${most}`)), v.array(item)));
}

export function mapping<T extends v.ObjectEntries>(entries: T) {
  return v.object(entries, issue => missing(entries, issue) ?? must('a mapping'));
}

/** What a field that is not there must be: valibot says of it what the mapping that lacks it must be. */
function missing(entries: v.ObjectEntries, { path }: v.ObjectIssue): string | undefined {
  const field = path?.at(-1);
  const schema = field?.origin === 'key' ? entries[String(field.key)] : undefined;
  return schema && v.safeParse(schema, undefined).issues?.[0].message;
}

/** The error text of a field: what it must be. What was found is put before it by `check`. */
export function must(be: string): string {
  return `must be ${be}`;
}

/** Checks a raw object against its schema; every violation refuses the object and names the field. */
export function check<T extends v.GenericSchema>(
  schema: T,
  raw: unknown,
  problems: Problems,
): v.InferOutput<T> | undefined {
  const result = v.safeParse(schema, raw);
  if (result.success) return result.output;
  for (const issue of result.issues) {
    const path = issue.path?.map(({ key }) => key as PropertyKey) ?? [];
    problems.refuse(pathText(path), `found ${show(valueAt(raw, path))}: ${issue.message}`);
  }
  return undefined;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => Reflect.get(Object(value), step), raw);
}

const PLAIN_KEY = /^[-\w./]{1,100}$/;

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    // A key may be any text at all.
    if (typeof step !== 'string' || !PLAIN_KEY.test(step)) return `${text}[${show(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

/** A value that may be a Kubernetes object, or a part of one. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
