/**
 * What a label selector asks for, whichever language it was written in. A label that is absent fulfils `in`, `contains`
 * and the like never, and their negation always: both Kubernetes and Calico have it so.
 */
export type Selector =
  | { readonly kind: 'all' }
  | { readonly kind: 'has'; readonly key: string }
  | { readonly kind: 'in'; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: 'contains' | 'starts with' | 'ends with'; readonly key: string; readonly value: string }
  | { readonly kind: 'not'; readonly of: Selector }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Selector[] };

/** A selector, or why the text is none: the character, what stands there and what was expected. */
export type SelectorReading = { readonly selector: Selector } | { readonly fault: string };

/** Whether these labels are what the selector asks for. */
export function matches(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  switch (selector.kind) {
    case 'all':
      return true;
    case 'not':
      return !matches(selector.of, labels);
    case 'and':
      return selector.of.every(part => matches(part, labels));
    case 'or':
      return selector.of.some(part => matches(part, labels));
    default:
      return matchesLabel(selector, labels);
  }
}

type Requirement = Extract<Selector, { readonly key: string }>;

function matchesLabel(requirement: Requirement, labels: Readonly<Record<string, string>>): boolean {
  // Keys come from users: `constructor` is no label of an object that has none.
  if (!Object.hasOwn(labels, requirement.key)) return false;
  const found = labels[requirement.key] ?? '';
  switch (requirement.kind) {
    case 'has':
      return true;
    case 'in':
      return requirement.values.includes(found);
    case 'contains':
      return found.includes(requirement.value);
    case 'starts with':
      return found.startsWith(requirement.value);
    case 'ends with':
      return found.endsWith(requirement.value);
  }
}
