import { readFile } from 'node:fs/promises';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { type Authentication, type Connection, invalid, serverAddress } from './connection.ts';
import { remembering } from './remembering.ts';

/** For messages. */
export const SERVICE_ACCOUNT = "the pod's service account";
/** Where every pod has it. */
const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Whether we run in a pod. */
export function isInPod(): boolean {
  return Boolean(process.env['KUBERNETES_SERVICE_HOST']);
}

/**
 * The connection of the pod that we run in. Three files and two variables need no client-node, which would be the
 * largest part of an agent: it takes some 45 MiB, in every pod on every node. Token and authority turn over, so their
 * files are read again and again.
 *
 * @throws CausewayError KUBECONFIG_INVALID
 */
export async function serviceAccount(folder = FOLDER): Promise<Connection> {
  const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '443' } = process.env;
  const namespace = await readFile(join(folder, 'namespace'), 'utf8').catch(() => '');
  return {
    server: serverAddress(`https://${isIPv6(host) ? `[${host}]` : host}:${port}`, SERVICE_ACCOUNT),
    namespace: namespace.trim() || undefined,
    authenticate: remembering(() => credentialIn(folder)),
  };
}

async function credentialIn(folder: string): Promise<Authentication> {
  try {
    const [token, ca] = await Promise.all([textOf(join(folder, 'token')), textOf(join(folder, 'ca.crt'))]);
    return { headers: { authorization: `Bearer ${token.trim()}` }, tls: { ca } };
  } catch (error) {
    const remedy = 'run with automountServiceAccountToken, or give --kubeconfig';
    throw invalid(SERVICE_ACCOUNT, `no credential to be had: ${messageOf(error)}`, remedy);
  }
}

/** Without an authority Node would trust those that everybody trusts, and send them the token. */
async function textOf(path: string): Promise<string> {
  const text = await readFile(path, 'utf8');
  if (text.trim() === '') throw new Error(`${path} is empty`);
  return text;
}
