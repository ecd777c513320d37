import { renewalTime, type TokenClaims } from '../objects/token.ts';

/** What credential shall be in the Secret. */
export interface CredentialWish {
  /** A ServiceAccount's. */
  readonly account: TokenClaims['account'];
  /** Undefined: without an end. Seconds. */
  readonly lifetime: number | undefined;
}

/** Clocks differ, and a lifetime is rounded. Milliseconds. */
const LEEWAY = 60_000;

/**
 * Whether a token does as it is: it is of that account, and the controller, which renews it, has not come too late for
 * it. One that holds shorter than was asked for is what the API server gives at the most.
 *
 * @param now milliseconds since the epoch
 */
export function isGoodToken(claims: TokenClaims | undefined, wish: CredentialWish, now: number): boolean {
  if (claims?.account.namespace !== wish.account.namespace || claims.account.name !== wish.account.name)
    return false;
  const { life } = claims;
  if (life === undefined || wish.lifetime === undefined)
    return life === undefined && wish.lifetime === undefined;
  return life.to - life.from <= wish.lifetime * 1_000 + LEEWAY && now < renewalTime(life);
}
