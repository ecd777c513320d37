import { isSubdomain } from './fields.ts';
import { MANAGED_BY } from './names.ts';
import { type Problems, show } from './problem.ts';

/** Labels or annotations. */
export type Texts = Readonly<Record<string, string>>;

/** One for all objects that have none: an object of its own for each would cost more than the object's name. */
export const NO_TEXTS: Texts = Object.freeze({});

/** The same for all clusters, or they would not agree on what a service's labels are. */
const MOST = 64;
const MOST_CHARACTERS = 16_384;

const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Domains whose labels and annotations mean something to Kubernetes or to us; `app.kubernetes.io` is for everybody. */
const RESERVED = ['kubernetes.io', 'k8s.io', 'causeway.dev'];
const FOR_EVERYBODY = 'app.kubernetes.io';

/** `name`, or `dns.subdomain/name`: the key of a label, and what an `appProtocol` looks like. */
export function isQualifiedName(text: string): boolean {
  const slash = text.indexOf('/');
  return NAME.test(text.slice(slash + 1)) && (slash === -1 || isSubdomain(text.slice(0, slash)));
}

export function isLabelValue(text: string): boolean {
  return text === '' || NAME.test(text);
}

/** Labels as they stand on an object, for selectors to look at. */
export function readLabels(given: Texts | null | undefined, field: string, problems: Problems): Texts {
  return readTexts(given, field, problems, labelFault);
}

/**
 * Labels that a service shall bear in other clusters. One that no API server takes would cost the whole ServiceImport,
 * and a reserved one would make it what it is not; both are left out with a warning.
 */
export function readExportedLabels(
  given: Texts | null | undefined,
  field: string,
  problems: Problems,
): Texts {
  return readTexts(given, field, problems, (key, value) => labelFault(key, value) ?? reservedFault(key));
}

/** The same for annotations, whose values may be any text, within limits. */
export function readExportedAnnotations(
  given: Texts | null | undefined,
  field: string,
  problems: Problems,
): Texts {
  let left = MOST_CHARACTERS;
  return readTexts(given, field, problems, (key, value) => {
    // To an API server the case of an annotation's key does not matter.
    const lowerCase = key.toLowerCase();
    if (!isQualifiedName(lowerCase)) return 'is not the key of an annotation';
    const reserved = reservedFault(lowerCase);
    if (reserved !== undefined) return reserved;
    const size = key.length + value.length;
    if (size > left) return `is beyond the ${MOST_CHARACTERS} characters that all of them together may have`;
    left -= size;
    return undefined;
  });
}

/** In the order of the keys, so that every cluster leaves out the same ones. */
function readTexts(
  given: Texts | null | undefined,
  field: string,
  problems: Problems,
  faultOf: (key: string, value: string) => string | undefined,
): Texts {
  const keys = Object.keys(given ?? NO_TEXTS).sort();
  const kept: Record<string, string> = {};
  let count = 0;
  for (const key of keys) {
    const value = given?.[key] ?? '';
    const fault = count === MOST ? `is one too many: ${MOST} are the most` : faultOf(key, value);
    if (fault !== undefined) {
      problems.warn(`${field}[${show(key)}]`, `${fault}; it is left out`);
    } else {
      kept[key] = value;
      count++;
    }
  }
  return count === 0 ? NO_TEXTS : kept;
}

function labelFault(key: string, value: string): string | undefined {
  if (!isQualifiedName(key)) return 'is not the key of a label';
  return isLabelValue(value) ? undefined : `found ${show(value)}: is not the value of a label`;
}

function reservedFault(key: string): string | undefined {
  const [domain = '', name] = key.split('/');
  if (name === undefined || (domain === FOR_EVERYBODY && key !== MANAGED_BY)) return undefined;
  const reserved = RESERVED.some(one => domain === one || domain.endsWith(`.${one}`));
  return reserved ? `is of the domain ${domain}, which is kept for Kubernetes and Causeway` : undefined;
}
