import { type Problems, show } from './problem.ts';
import type { Affinity } from './shapes.ts';

/** How one annotation is read: its names, the wanted one first, and the check of its text. */
export interface Annotation<T> {
  readonly names: readonly [string, ...string[]];
  readonly must: string;
  /** What holds where the text is nonsense. */
  readonly otherwise: string;
  parse(text: string): T | undefined;
}

export const AFFINITIES = ['local', 'remote', 'none'] as const satisfies readonly Affinity[];

/** The first name that is present decides, even if its value is nonsense: a fallback would hide the mistake. */
export function readAnnotation<T>(
  annotation: Annotation<T>,
  annotations: Readonly<Record<string, unknown>>,
  problems: Problems,
): T | undefined {
  const name = presentName(annotation, annotations);
  if (name === undefined) return undefined;
  const found = annotations[name];
  const value = typeof found === 'string' ? annotation.parse(found) : undefined;
  if (value !== undefined) return value;
  const message = `found ${show(found)}: must be ${annotation.must}; it is ignored, and ${annotation.otherwise}`;
  return problems.warn(`metadata.annotations["${name}"]`, message);
}

/** The name under which the annotation is set, if it is. */
export function presentName(
  { names }: Pick<Annotation<unknown>, 'names'>,
  annotations: Readonly<Record<string, unknown>>,
): string | undefined {
  return names.find(candidate => Object.hasOwn(annotations, candidate));
}

export function wholeNumber(
  names: Annotation<number>['names'],
  most: number,
  otherwise: string,
): Annotation<number> {
  return {
    names,
    otherwise,
    must: `a quoted whole number "0"–"${most}"`,
    parse: text => (/^(0|[1-9]\d{0,3})$/.test(text) && Number(text) <= most ? Number(text) : undefined),
  };
}

export function oneOf<T extends string>(names: Annotation<T>['names'], values: readonly T[]): Annotation<T> {
  return {
    names,
    must: `one of ${values.map(value => `"${value}"`).join(', ')}`,
    otherwise: 'the default holds',
    parse: text => values.find(value => value === text.toLowerCase()),
  };
}

export function trueOrFalse(names: Annotation<boolean>['names'], otherwise: string): Annotation<boolean> {
  const { parse, must } = oneOf(names, ['true', 'false']);
  return {
    names,
    must,
    otherwise,
    parse: text => {
      const value = parse(text);
      return value === undefined ? undefined : value === 'true';
    },
  };
}

/** Empty is `none`: that is the value Cilium's own constant has for it. */
export function affinityOf(names: Annotation<Affinity>['names']): Annotation<Affinity> {
  const { parse, ...rest } = oneOf(names, AFFINITIES);
  return { ...rest, parse: text => (text === '' ? 'none' : parse(text)) };
}
