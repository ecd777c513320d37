import { isMapping } from '../objects/fields.ts';

/** Stands where something was that nobody but its owner may see. */
export const REMOVED = '[removed]';

/** What gives access by itself, wherever it stands. */
const PATTERNS: readonly { readonly found: RegExp; readonly instead: string }[] = [
  // Also where it is cut short, or its line ends are written as \n.
  {
    found: /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    instead: REMOVED,
  },
  // JSON Web Tokens begin with {" in base64.
  { found: /\beyJ[\w-]{10,}(?:\.[\w-]*)*/g, instead: REMOVED },
  { found: /\b(Bearer|Basic)\s+[^\s"',}\\]+/gi, instead: `$1 ${REMOVED}` },
  // A variable of a container, in an object that somebody quotes.
  {
    found: /(name\\*":\s*\\*"[^"]*",\s*\\*"value\\*":\s*\\*")[^"\\]*/g,
    instead: `$1${REMOVED}`,
  },
  // Of bounded length: else a log of `a.a.a.` would be looked through again from each letter, for minutes.
  { found: /(\b[a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/@"']+@/gi, instead: `$1${REMOVED}@` },
  {
    found:
      /((?:token|password|passwd|secret|api[-_]?key|access[-_]?key|client-key-data|authorization)\\*["']?\s*[:=]\s*\\*["']?)[^\s"',}\\]+/gi,
    instead: `$1${REMOVED}`,
  },
];

/** As long as a key, a certificate or a kubeconfig is at least. */
const BASE64 = /[A-Za-z0-9+/_-]{40,}={0,2}/g;

/** Names of fields whose text is a credential. */
const CREDENTIALS = /^(?:token|password|passwd|client-key-data|api[-_]?key|authorization|bearer)$/i;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * A text without anything that looks like a credential.
 *
 * @param secrets texts that are known to be secret, and may look like anything
 */
export function scrubbedText(text: string, secrets: readonly string[] = []): string {
  const known = secrets.reduce((before, secret) => before.replaceAll(secret, REMOVED), text);
  const plain = PATTERNS.reduce((before, { found, instead }) => before.replace(found, instead), known);
  return plain.replace(BASE64, blob => (holdsCredential(blob, secrets) ? REMOVED : blob));
}

/** The same for an object of Kubernetes: also the values of its containers' variables, and what kubectl noted of it. */
export function scrubbedObject(value: unknown, secrets: readonly string[] = []): unknown {
  if (typeof value === 'string') return scrubbedText(value, secrets);
  if (Array.isArray(value)) return value.map(one => scrubbedObject(one, secrets));
  if (!isMapping(value)) return value;
  const kept = Object.entries(value).filter(([name]) => name !== 'managedFields' && name !== LAST_APPLIED);
  return Object.fromEntries(
    kept.map(([name, held]) => {
      if (name === 'env' && Array.isArray(held)) return [name, held.map(one => variable(one, secrets))];
      if (typeof held === 'string' && CREDENTIALS.test(name)) return [name, REMOVED];
      return [scrubbedText(name, secrets), scrubbedObject(held, secrets)];
    }),
  );
}

/** What CoreDNS's plugins take credentials by: route53; etcd and clouddns; azure and tsig. */
const COREDNS_CREDENTIALS = /\b(aws_access_key|credentials|secret)[ \t]+[^\n]*/g;

/** A ConfigMap with Corefiles without what gives CoreDNS access to others. */
export function scrubbedCorefiles(map: object): object {
  const { data, ...rest } = Object(map);
  const texts = Object.entries(Object(data)).map(([key, text]) => [
    key,
    String(text).replace(COREDNS_CREDENTIALS, `$1 ${REMOVED}`),
  ]);
  return { ...rest, data: Object.fromEntries(texts) };
}

/** A variable of a container keeps its name. */
function variable(value: unknown, secrets: readonly string[]): unknown {
  if (!isMapping(value)) return REMOVED;
  return { ...Object(scrubbedObject(value, secrets)), ...('value' in value ? { value: REMOVED } : {}) };
}

function holdsCredential(blob: string, secrets: readonly string[]): boolean {
  const decoded = Buffer.from(blob, 'base64').toString('latin1');
  if (/-----BEGIN/.test(decoded)) return true;
  return (
    secrets.some(secret => decoded.includes(secret)) ||
    PATTERNS.some(({ found }) => decoded.search(found) !== -1)
  );
}
