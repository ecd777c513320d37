/** What programs print as JSON, read without believing any of it. */
export type Json = Readonly<Record<string, unknown>>;

export function mapping(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

/** `ip` prints an empty mapping where there is nothing. */
export function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(mapping).filter(one => Object.keys(one).length > 0) : [];
}

export function listOfText(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(one => typeof one === 'string') : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

export function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
