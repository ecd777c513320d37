import { X509Certificate } from 'node:crypto';
import type { CredentialFacts, RemoteAccess, RemoteFacts } from '../../diagnose/facts.ts';
import type { ApiClient } from '../../kube/client.ts';
import type { Authentication, Connection } from '../../kube/connection.ts';
import { HttpsApiClient } from '../../kube/https-client.ts';
import { type RemoteConnection, remoteKubeconfig } from '../../kube/remote-kubeconfig.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { Problems } from '../../objects/problem.ts';
import { remoteClusterReader } from '../../objects/remote-cluster.ts';
import { tokenClaims } from '../../objects/token.ts';
import { apiVersion, listed, NO_ANSWER, TIMES } from './ask.ts';
import { known, tried } from './attempt.ts';
import { reachFacts } from './reach.ts';
import { rightsFacts } from './rights.ts';

/** Looks at another cluster with what its RemoteCluster refers to. */
export async function remoteFacts(
  client: ApiClient,
  raw: object,
  namespace: string,
  signal: AbortSignal,
): Promise<RemoteFacts> {
  const remote = remoteClusterReader.read(raw, Problems.ignored());
  if (remote === undefined) {
    const { name } = Object(Object(raw).metadata);
    return { name: String(name), object: raw, access: { failed: 'the RemoteCluster cannot be read' } };
  }
  const { name, secretName, secretKey } = remote;
  const place = { namespace, name: secretName };
  const secret = await known(client.get(RESOURCES.secrets, place, signal));
  if ('unknown' in secret) return { name, object: raw, access: secret };
  const where = `Secret ${namespace}/${secretName}`;
  if (secret.value === undefined) return { name, object: raw, access: { failed: `there is no ${where}` } };
  const data: unknown = Object(secret.value['data'])[secretKey];
  if (typeof data !== 'string') {
    return { name, object: raw, access: { failed: `${where} has no entry ${secretKey}` } };
  }
  const text = Buffer.from(data, 'base64').toString('utf8');
  return { name, object: raw, access: await tried(accessOf(text, signal)) };
}

async function accessOf(text: string, signal: AbortSignal): Promise<RemoteAccess> {
  const connection = remoteKubeconfig(text);
  const client = new HttpsApiClient(connection, TIMES);
  try {
    const [reach, seen] = await Promise.all([
      reachFacts(connection, signal),
      seenWith(client, connection, signal),
    ]);
    const credential = credentialFacts(connection, await connection.authenticate(false));
    return { credential, reach, ...seen };
  } finally {
    client.close();
  }
}

async function seenWith(
  client: ApiClient,
  { namespace }: Connection,
  signal: AbortSignal,
): Promise<Pick<RemoteAccess, 'api' | 'rights' | 'clusterProperties' | 'nodes'>> {
  const api = await apiVersion(client, signal);
  if (!('value' in api)) {
    const rights = { answers: NO_ANSWER, rules: NO_ANSWER };
    return { api, rights, clusterProperties: NO_ANSWER, nodes: NO_ANSWER };
  }
  const [rights, clusterProperties, nodes] = await Promise.all([
    rightsFacts(client, namespace, signal),
    listed(client, RESOURCES.clusterProperties, {}, signal),
    listed(client, RESOURCES.nodes, {}, signal),
  ]);
  return { api, rights, clusterProperties, nodes };
}

function credentialFacts({ namespace, token }: RemoteConnection, { tls }: Authentication): CredentialFacts {
  if (token === undefined) {
    const { validFromDate, validToDate } = new X509Certificate(tls.cert ?? '');
    const life = { from: validFromDate.getTime(), to: validToDate.getTime() };
    return { namespace, kind: 'certificate', life: { value: life } };
  }
  const claims = tokenClaims(token);
  const life =
    claims === undefined
      ? { unknown: "the token is none of a service account's: it does not say when it ends" }
      : { value: claims.life };
  return { namespace, kind: 'token', life };
}
