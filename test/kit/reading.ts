import { parse } from 'yaml';
import type { KindReader } from '../../src/objects/kind.ts';
import { type Problem, Problems } from '../../src/objects/problem.ts';

/** What a reader makes of one object as YAML, without the detour over the registry of kinds. */
export function readYaml<T>(
  reader: Pick<KindReader<T>, 'read'>,
  text: string,
): { object: T | undefined; problems: readonly Problem[] } {
  return readRaw(reader, parse(text));
}

/** The same of an object as an API server sends it. */
export function readRaw<T>(
  reader: Pick<KindReader<T>, 'read'>,
  raw: unknown,
): { object: T | undefined; problems: readonly Problem[] } {
  const problems = new Problems(() => 'the object');
  const object = reader.read(raw, problems);
  return { object, problems: problems.list() };
}
