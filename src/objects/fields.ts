import * as z from 'zod';
import { isLabel } from '../base/name.ts';
import { type Problems, show } from './problem.ts';
import type { Protocol } from './shapes.ts';

/**
 * The fields that several kinds share. Every optional one is `nullish`: for Kubernetes null and absent are the same, and
 * `endpoints: null` is what an API server prints for an empty slice. Unknown fields are dropped.
 */
const LABEL = 'an RFC 1123 label (lower-case letters, digits and "-"; at most 63)';
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const satisfies readonly Protocol[];

/** Names a Service, a namespace, a port. */
export const label = z.string(must(LABEL)).refine(isLabel, must(LABEL));

/** What an EndpointSlice may be called. */
export const subdomain = z
  .string(must('an RFC 1123 subdomain'))
  .refine(text => text.length <= 253 && SUBDOMAIN.test(text), must('an RFC 1123 subdomain (at most 253)'));

export const portNumber = wholeNumber(1, 65_535);

export const portName = z
  .string(must(LABEL))
  .refine(text => text === '' || isLabel(text), must(`empty or ${LABEL}`))
  .nullish();

export const protocol = z.enum(PROTOCOLS, must('TCP, UDP or SCTP')).nullish();

/** `default` where the object names no namespace, as kubectl has it. */
export const namespace = label.nullish().transform(name => name ?? 'default');

export const text = z.string(must('a string'));

export const stringMap = z.record(text, text, must('a mapping of strings')).nullish();

export function wholeNumber(least: number, most: number) {
  const range = must(`a whole number ${least}–${most}`);
  return z.int(range).min(least, range).max(most, range);
}

export function listOf<T extends z.ZodType>(item: T) {
  return z.array(item, must('a list')).nullish();
}

export function mapping<T extends z.ZodRawShape>(shape: T) {
  return z.object(shape, must('a mapping'));
}

/** The error text of a field: what it must be. What was found is put before it by `check`. */
export function must(be: string): { error: string } {
  return { error: `must be ${be}` };
}

/** Checks a raw object against its schema; every violation refuses the object and names the field. */
export function check<T extends z.ZodType>(schema: T, raw: unknown, problems: Problems) {
  const result = schema.safeParse(raw);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    problems.refuse(pathText(issue.path), `found ${show(valueAt(raw, issue.path))}: ${issue.message}`);
  }
  return undefined;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => Reflect.get(Object(value), step), raw);
}

function pathText(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '');
}

/** A value that may be a Kubernetes object, or a part of one. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
