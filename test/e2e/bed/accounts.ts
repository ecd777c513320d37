import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { waitFor } from '../kit/wait.ts';
import type { Cluster } from './cluster.ts';
import { tokenIssuer } from './programs.ts';

export interface Account {
  readonly namespace: string;
  readonly name: string;
}

/** TokenRequest refuses less than that, in seconds. */
const shortestRequest = 600;

/** The API server takes a token for as many seconds longer than it says, for clocks that differ. */
const leeway = 60;

/** Creates the ServiceAccount unless it is there. It may do nothing until a test binds a role to it. */
export async function ensureAccount(cluster: Cluster, account: Account): Promise<void> {
  await cluster.ensureNamespace(account.namespace);
  await cluster.admin.apply(accountObject(account));
}

/**
 * A token of a ServiceAccount, which is created when it is missing.
 * @param seconds how long it holds. From 600 on it comes from the API server (TokenRequest); the API server gives out
 *   none that is shorter, so those are signed here with its key. It remembers for up to 10 s that a token was good.
 */
export async function accountToken(cluster: Cluster, account: Account, seconds = 3_600): Promise<string> {
  await ensureAccount(cluster, account);
  if (seconds < shortestRequest) return signedToken(cluster, account, seconds);
  return requestedToken(cluster, account, { expirationSeconds: seconds });
}

/**
 * A token as the kubelet of a node gives it to a pod there: it says which pod and which node that is. The Pod is made
 * unless it is there; nobody runs it.
 */
export async function podToken(cluster: Cluster, account: Account, node: string): Promise<string> {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: account.namespace, name: `${account.name}-${node}` },
  };
  const containers = [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }];
  // Nobody would end it; its namespace could not be deleted.
  const running = { serviceAccountName: account.name, nodeName: node, containers };
  const spec = { ...running, terminationGracePeriodSeconds: 0 };
  const { metadata } = (await cluster.admin.get(pod)) ?? (await cluster.admin.create({ ...pod, spec }));
  return requestedToken(cluster, account, {
    expirationSeconds: 3_600,
    boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name: metadata.name, uid: metadata['uid'] },
  });
}

async function requestedToken(cluster: Cluster, account: Account, spec: object): Promise<string> {
  const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`;
  const reply = await cluster.admin.request('POST', path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec,
  });
  if (reply.status !== 201) throw new Error(`no token for ${account.name}: ${JSON.stringify(reply.body)}`);
  return reply.body.status.token;
}

/**
 * Makes every token of a ServiceAccount invalid: the account comes back under the same name with another UID, so its
 * roles hold on for new tokens. Resolves when the API server, which remembers good tokens for 10 s, refuses `token`.
 */
export async function revokeTokens(cluster: Cluster, account: Account, token: string): Promise<void> {
  await cluster.admin.delete(accountObject(account));
  await ensureAccount(cluster, account);
  const api = cluster.api({ token });
  const path = `/api/v1/namespaces/${account.namespace}/services`;
  try {
    await waitFor(
      'the old token is refused',
      () => api.request('GET', path),
      ({ status }) => status === 401,
      20_000,
    );
  } finally {
    api.close();
  }
}

/** Lets an account do in one namespace, or in all, what the rules of a Role say. */
export async function grant(
  cluster: Cluster,
  account: Account,
  rules: readonly object[],
  namespace?: string,
): Promise<void> {
  const prefix = namespace === undefined ? 'Cluster' : '';
  const name = `${account.namespace}-${account.name}`;
  const metadata = namespace === undefined ? { name } : { name, namespace };
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: `${prefix}Role`, name };
  const subjects = [{ kind: 'ServiceAccount', ...account }];
  await cluster.admin.apply({ apiVersion, kind: `${prefix}Role`, metadata, rules });
  await cluster.admin.apply({ apiVersion, kind: `${prefix}RoleBinding`, metadata, roleRef, subjects });
}

function accountObject({ namespace, name }: Account) {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } };
}

async function signedToken(cluster: Cluster, account: Account, seconds: number): Promise<string> {
  const object = await cluster.admin.get(accountObject(account));
  const now = Math.floor(Date.now() / 1_000) - leeway;
  const { namespace, name } = account;
  const claims = {
    iss: tokenIssuer,
    aud: [tokenIssuer],
    sub: `system:serviceaccount:${namespace}:${name}`,
    iat: now,
    nbf: now,
    exp: now + seconds,
    // Two tokens of the same second shall differ, or rotating one would be no rotation.
    jti: randomBytes(16).toString('hex'),
    'kubernetes.io': { namespace, serviceaccount: { name, uid: object?.metadata['uid'] } },
  };
  const encoded = [{ alg: 'ES256', typ: 'JWT' }, claims].map(part =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const key = createPrivateKey(readFileSync(cluster.pki.path('accounts.key')));
  const signature = sign('sha256', Buffer.from(encoded.join('.')), { key, dsaEncoding: 'ieee-p1363' });
  return [...encoded, signature.toString('base64url')].join('.');
}
