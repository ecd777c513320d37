import { isMapping } from './fields.ts';

/**
 * What the token of a service account says of itself. Nobody has verified it: it says when to act, not whom to trust.
 */
export interface TokenClaims {
  readonly account: { readonly namespace: string; readonly name: string };
  /** Undefined: it has no end, as those that lie in Secrets. */
  readonly life: TokenLife | undefined;
}

/** Milliseconds since the epoch. */
export interface TokenLife {
  readonly from: number;
  readonly to: number;
}

/** The API server gives out no token that is shorter, in seconds (validation of TokenRequest). */
export const SHORTEST_TOKEN = 600;

/**
 * Three parts in base64url (RFC 7515 section 7.1) and nothing else: a token is written into kubeconfigs, which a line
 * end in it would make others.
 */
const COMPACT = /^[\w-]+\.([\w-]+)\.[\w-]+$/;

/** Reads a token (RFC 7519). Undefined: it is none of a service account. */
export function tokenClaims(token: string): TokenClaims | undefined {
  const [, payload] = COMPACT.exec(token) ?? [];
  const claims = payload === undefined ? undefined : parsed(payload);
  if (!isMapping(claims)) return undefined;
  const { sub, iat, exp } = claims;
  const [, namespace, name] =
    /^system:serviceaccount:([^:]+):([^:]+)$/.exec(typeof sub === 'string' ? sub : '') ?? [];
  if (namespace === undefined || name === undefined) return undefined;
  const isBound = isSeconds(iat) && isSeconds(exp) && iat < exp;
  return { account: { namespace, name }, life: isBound ? { from: iat * 1_000, to: exp * 1_000 } : undefined };
}

/**
 * When a token is to be replaced: with a third of its life left there is time for many attempts, as a weekend's for one
 * of thirty days.
 *
 * @returns milliseconds since the epoch
 */
export function renewalTime({ from, to }: TokenLife): number {
  return to - (to - from) / 3;
}

/**
 * Whether a credential should have been replaced by now: half of the time that there is for it has passed.
 *
 * @param now milliseconds since the epoch
 */
export function isOverdue({ from, to }: TokenLife, now: number): boolean {
  return now > to - (to - from) / 6;
}

/** How long a token shall hold that replaces one, in seconds. */
export function renewedLifetime({ from, to }: TokenLife): number {
  return Math.max(SHORTEST_TOKEN, Math.round((to - from) / 1_000));
}

function isSeconds(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value < 1e11;
}

function parsed(payload: string): unknown {
  try {
    return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
