/** All but the line ends and tabs that texts are made of. */
const CONTROLS = /[^\P{Cc}\n\t]/gu;
/** They turn around what stands beside them, or begin lines where nobody expects one. */
const CONFUSING = /[\p{Bidi_Control}\u2028\u2029]/gu;

/**
 * A text of which a terminal obeys nothing: what other clusters, their pods' logs and DNS servers say may hold escape
 * sequences, which move cursors, hide lines, and with some terminals do worse. Each character that is not to be seen is
 * shown by its number, `\u001b`.
 */
export function visible(text: string): string {
  return escaped(text).replace(CONFUSING, byNumber);
}

/** The same in one line, so that nobody can write a line that looks like one of ours. */
export function oneLine(text: string): string {
  return visible(text.replaceAll(/\s*[\r\n]\s*/g, ' '));
}

/** The same of every text in plain data. */
export function visibleIn<Value>(value: Value): Value;
export function visibleIn(value: unknown): unknown {
  if (typeof value === 'string') return visible(value);
  if (Array.isArray(value)) return value.map(one => visibleIn(one));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [visible(name), visibleIn(held)]));
}

/** JSON, or YAML, of which a terminal obeys nothing, and which says the same: both know such numbers within quotes. */
export function escaped(text: string): string {
  return text.replace(CONTROLS, byNumber);
}

function byNumber(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
