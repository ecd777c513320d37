import { CausewayError } from '../../base/errors.ts';
import type { CredentialWish } from '../../connect/credential.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { ApiClient } from '../../kube/client.ts';
import type { Connection } from '../../kube/connection.ts';
import { HttpsApiClient } from '../../kube/https-client.ts';
import { type RemoteConnection, remoteKubeconfig } from '../../kube/remote-kubeconfig.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { requestToken } from '../../kube/token-request.ts';
import { clusterIdOf } from '../cluster-id.ts';
import { untilFound } from '../until-found.ts';

/** Milliseconds: the API server learns of what was applied a moment later. */
const LONGEST = 10_000;

/** The Secret of deploy/remote-reader whose token has no end. */
export const LONG_LIVED_SECRET = 'causeway-remote-reader';

/** A token for who reads, from the cluster that is read. */
export async function newToken(
  client: ApiClient,
  { account, lifetime }: CredentialWish,
  signal: AbortSignal,
): Promise<string> {
  if (lifetime !== undefined) return (await requestToken(client, account, lifetime, signal)).token;
  const place = { namespace: account.namespace, name: LONG_LIVED_SECRET };
  const token = await untilFound(LONGEST, signal, async () => {
    const secret = await client.get(RESOURCES.secrets, place, signal);
    const data: unknown = Object(secret?.['data']).token;
    return typeof data === 'string' && data !== '' ? data : undefined;
  });
  if (token !== undefined) return Buffer.from(token, 'base64').toString('utf8');
  throw new CausewayError(
    'TOKEN_MISSING',
    `Secret ${place.namespace}/${place.name} at ${client.server} got no token within ${LONGEST / 1_000} s; check that ` +
      'kube-controller-manager runs there, or connect without --long-lived-token',
  );
}

/** What came of using a kubeconfig: the id of the cluster that answers, or why none does. */
export type Trial = { readonly clusterId: string | undefined } | { readonly unreached: Error };

/**
 * Tries a kubeconfig as the other cluster would.
 *
 * @throws ApiError where the credential is refused
 */
export async function tryKubeconfig(text: string, signal: AbortSignal): Promise<Trial> {
  return tryConnection(remoteKubeconfig(text), signal);
}

/**
 * Tries a token by the operator's own way to the API server: an address that is meant for other clusters need not be
 * reachable from here.
 */
export async function tryToken(token: string, way: Connection, signal: AbortSignal): Promise<Trial> {
  const authenticate = async () => {
    const { ca, servername, rejectUnauthorized } = (await way.authenticate(false)).tls;
    const tls = Object.fromEntries(
      Object.entries({ ca, servername, rejectUnauthorized }).filter(([, value]) => value !== undefined),
    );
    return { headers: { authorization: `Bearer ${token}` }, tls };
  };
  return tryConnection({ ...way, authenticate }, signal);
}

async function tryConnection(connection: Connection | RemoteConnection, signal: AbortSignal): Promise<Trial> {
  const client = new HttpsApiClient(connection, { connect: 3_000, silence: 5_000 });
  try {
    return { clusterId: await clusterIdOf(client, signal) };
  } catch (thrown) {
    if (thrown instanceof CausewayError) return { unreached: thrown };
    throw thrown;
  } finally {
    client.close();
  }
}

/** Tries again what is refused: roles that were applied a moment ago are not known everywhere yet. */
export async function untilLetIn(attempt: () => Promise<Trial>, signal: AbortSignal): Promise<Trial> {
  let refused: unknown;
  const found = await untilFound(LONGEST, signal, async () => {
    try {
      return await attempt();
    } catch (thrown) {
      if (!(thrown instanceof ApiError && [401, 403].includes(thrown.status))) throw thrown;
      refused = thrown;
      return undefined;
    }
  });
  if (found === undefined) throw refused;
  return found;
}
