import { messageOf } from '../../base/errors.ts';
import type { AuthorityOrigin, EndpointFacts } from '../../connect/facts.ts';
import { RESOURCES } from '../../kube/resource.ts';
import type { Endpoint } from '../../manifests/remote-cluster.ts';
import type { OpenedCluster } from '../cluster.ts';
import { isFor, nameText, shakeHands } from '../handshake.ts';

/** Milliseconds for a connection, TLS included. */
const LONGEST = 5_000;

interface Candidate {
  readonly origin: AuthorityOrigin;
  /** PEM. */
  readonly authority: string | undefined;
}

/** An address to hand over, and what was found out about it. */
export interface CheckedEndpoint {
  readonly endpoint: Endpoint;
  readonly facts: EndpointFacts;
}

/**
 * By which authority an address can be trusted. The kubeconfig's own need not be the one: behind a proxy it is the
 * proxy's, and the address that other clusters use may be another one.
 *
 * @param override the address that other clusters use; undefined: the operator's own
 */
export async function checkEndpoint(
  { client, connection }: OpenedCluster,
  override: string | undefined,
  signal: AbortSignal,
): Promise<CheckedEndpoint> {
  const { tls } = await connection.authenticate(false);
  const server = override ?? connection.server;
  const serverName = override === undefined ? tls.servername : undefined;
  const known = tls.ca === undefined ? undefined : String(tls.ca);
  const own = await clusterAuthority(client, signal);
  const candidates: Candidate[] = [
    ...(known === undefined ? [] : [{ origin: 'kubeconfig', authority: known } as const]),
    ...(own === undefined ? [] : [{ origin: 'kube-root-ca.crt', authority: own } as const]),
    ...(known === undefined ? [{ origin: 'system', authority: undefined } as const] : []),
  ];
  let distrusted: EndpointFacts['trust'] = { unreached: 'nobody vouches for it' };
  for (const { origin, authority } of candidates) {
    const endpoint = { server, authority, serverName };
    const trust = await trustOf(endpoint, origin, signal);
    if ('verified' in trust) return { endpoint, facts: { server, trust } };
    distrusted = trust;
    if ('unreached' in trust) break;
  }
  // Not to be reached from here, it is most likely the API server itself: the cluster's own word is the better guess.
  return { endpoint: { server, authority: own ?? known, serverName }, facts: { server, trust: distrusted } };
}

/** What every pod of the cluster trusts its API server by. */
async function clusterAuthority(
  client: OpenedCluster['client'],
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const namespace of ['kube-system', 'default']) {
    const found = await client.get(RESOURCES.configMaps, { namespace, name: 'kube-root-ca.crt' }, signal);
    const text: unknown = Object(found?.['data'])['ca.crt'];
    if (typeof text === 'string' && text.includes('BEGIN CERTIFICATE')) return text;
  }
  return undefined;
}

async function trustOf(
  { server, authority, serverName }: Endpoint,
  origin: AuthorityOrigin,
  signal: AbortSignal,
): Promise<EndpointFacts['trust']> {
  const { hostname, port } = new URL(server);
  const host = hostname.replace(/^\[|\]$/g, '');
  const name = serverName ?? host;
  const options = { host, port: Number(port || 443), ...(authority === undefined ? {} : { ca: authority }) };
  try {
    const waits = AbortSignal.any([signal, AbortSignal.timeout(LONGEST)]);
    const socket = await shakeHands(options, name, waits);
    const certificate = socket.getPeerX509Certificate();
    const issuer = nameText(certificate?.issuer);
    socket.destroy();
    if (!socket.authorized) return { distrusted: String(socket.authorizationError), issuer };
    if (isFor(certificate, name)) return { verified: origin };
    return { distrusted: `it is for ${certificate?.subjectAltName ?? 'no name'}`, issuer };
  } catch (thrown) {
    signal.throwIfAborted();
    const isLate = thrown instanceof DOMException && thrown.name === 'TimeoutError';
    return { unreached: isLate ? `no answer within ${LONGEST / 1_000} s` : messageOf(thrown) };
  }
}
