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

type Found = Exclude<EndpointFacts['trust'], 'unasked'>;

/** An address to hand over, and what was found out about it. */
export interface CheckedEndpoint {
  readonly endpoint: Endpoint;
  readonly facts: EndpointFacts;
}

/** The address that other clusters use, where it is not the operator's own. */
export interface Override {
  readonly server: string;
  /** This machine may meet somebody else there than pods do, and asks nobody. */
  readonly isUnasked: boolean;
}

/**
 * By which authority an address can be trusted. The kubeconfig's own need not be the one: behind a proxy it is the
 * proxy's, and the address that other clusters use may be another one.
 *
 * @param override the address that other clusters use; undefined: the operator's own
 */
export async function checkEndpoint(
  { client, connection }: OpenedCluster,
  override: Override | undefined,
  signal: AbortSignal,
): Promise<CheckedEndpoint> {
  const { tls } = await connection.authenticate(false);
  const server = override?.server ?? connection.server;
  const isOverride = override !== undefined;
  const serverName = isOverride ? undefined : tls.servername;
  const known = tls.ca === undefined ? undefined : String(tls.ca);
  const own = await clusterAuthority(client, signal);
  // Not to be reached from here, it is most likely the API server itself: the cluster's own word is the better guess.
  const guess = { server, authority: own ?? known, serverName };
  if (override?.isUnasked) return { endpoint: guess, facts: { server, isOverride, trust: 'unasked' } };
  const candidates: Candidate[] = [
    ...(known === undefined ? [] : [{ origin: 'kubeconfig', authority: known } as const]),
    ...(own === undefined ? [] : [{ origin: 'kube-root-ca.crt', authority: own } as const]),
    ...(known === undefined ? [{ origin: 'system', authority: undefined } as const] : []),
  ];
  let distrusted: Found = { unreached: 'nobody vouches for it' };
  for (const { origin, authority } of candidates) {
    const endpoint = { server, authority, serverName };
    const trust = await trustOf(endpoint, origin, signal);
    if ('verified' in trust) return { endpoint, facts: { server, isOverride, trust } };
    distrusted = trust;
    if ('unreached' in trust) break;
  }
  return { endpoint: guess, facts: { server, isOverride, trust: distrusted } };
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
): Promise<Found> {
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
