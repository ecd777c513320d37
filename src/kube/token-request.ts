import { type TokenClaims, tokenClaims } from '../objects/token.ts';
import type { ApiClient } from './client.ts';
import { pathOf, RESOURCES } from './resource.ts';
import { senseless } from './transport-fault.ts';

/** A token, and what it says of itself. */
export interface GivenToken {
  readonly token: string;
  readonly claims: TokenClaims;
}

/**
 * A new token of a service account (TokenRequest).
 *
 * @param seconds how long it shall hold; the API server may give out one that holds shorter
 * @throws as `ApiClient` does
 */
export async function requestToken(
  client: Pick<ApiClient, 'ask' | 'server'>,
  account: TokenClaims['account'],
  seconds: number,
  signal?: AbortSignal,
): Promise<GivenToken> {
  const path = `${pathOf(RESOURCES.serviceAccounts, account)}/token`;
  const question = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { expirationSeconds: seconds },
  };
  const { status } = await client.ask(path, question, signal);
  const { token } = Object(status);
  const claims = typeof token === 'string' ? tokenClaims(token) : undefined;
  if (claims?.life !== undefined) return { token, claims };
  throw senseless(`ask ${path} at ${client.server}`, 'what was given is no token of a service account');
}
