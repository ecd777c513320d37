import { X509Certificate } from 'node:crypto';
import type { ApiClient } from '../../kube/client.ts';
import type { Authentication, Connection } from '../../kube/connection.ts';
import { remoteKubeconfig } from '../../kube/remote-kubeconfig.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { tokenClaims } from '../../objects/token.ts';
import { listed } from './ask.ts';
import { known } from './attempt.ts';
import type { BundledFile } from './bundled-file.ts';

/** Shorter ones are words that may stand anywhere. */
const SHORTEST = 8;

/**
 * What may be said of the Secrets of a namespace: names, entries and their sizes, and where kubeconfigs lead.
 *
 * @returns also everything in them, and the credential that is asked with, so that it can be found elsewhere
 */
export async function bundledSecrets(
  client: ApiClient,
  connection: Connection,
  namespace: string,
  signal: AbortSignal,
): Promise<{ readonly secrets: readonly string[]; readonly file: BundledFile }> {
  const [found, own] = await Promise.all([
    listed(client, RESOURCES.secrets, { namespace }, signal),
    known(connection.authenticate(false)),
  ]);
  const list = 'unknown' in found ? [] : found.value;
  const secrets = [
    ...('unknown' in own ? [] : credentialsIn(own.value)),
    ...list.flatMap(secret => Object.values(dataOf(secret)).flatMap(secretsIn)),
  ];
  const told = 'unknown' in found ? { unknown: found.unknown } : await Promise.all(list.map(toldOf));
  return {
    secrets: [...new Set(secrets)].filter(text => text.length >= SHORTEST),
    file: { path: 'secrets.json', text: JSON.stringify(told, null, 2) },
  };
}

function dataOf(secret: object): Readonly<Record<string, string>> {
  const data: unknown = Object(secret).data;
  const entries = Object.entries(Object(data) as Record<string, unknown>);
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The text itself, as it stands in the Secret, and its parts where it is a kubeconfig. */
function secretsIn(base64: string): string[] {
  const text = Buffer.from(base64, 'base64').toString('utf8');
  const parts = [...text.matchAll(/^\s*(?:token|client-key-data|password):\s*["']?([^\s"']+)/gm)];
  return [base64, text, ...parts.map(([, part = '']) => part)];
}

function credentialsIn({ headers, tls }: Authentication): string[] {
  const { authorization = '' } = headers;
  return [authorization.replace(/^\w+ /, ''), String(tls.key ?? '')];
}

async function toldOf(secret: object): Promise<object> {
  const { metadata, type } = Object(secret);
  const entries = Object.entries(dataOf(secret)).map(async ([key, base64]) => {
    const text = Buffer.from(base64, 'base64').toString('utf8');
    return { key, octets: Buffer.byteLength(base64, 'base64'), ...(await kubeconfigOf(text)) };
  });
  return { name: metadata?.name, type, labels: metadata?.labels, entries: await Promise.all(entries) };
}

/** Where it leads and until when; nothing where it is none. */
async function kubeconfigOf(text: string): Promise<object> {
  if (!text.includes('current-context')) return {};
  try {
    const connection = remoteKubeconfig(text);
    const { tls } = await connection.authenticate(false);
    const authority = tls.ca === undefined ? undefined : new X509Certificate(tls.ca).subject;
    const life = tokenClaims(connection.token ?? '')?.life;
    const ends = life === undefined ? undefined : new Date(life.to).toISOString();
    return { server: connection.server, namespace: connection.namespace, authority, ends };
  } catch {
    return { server: 'a kubeconfig that cannot be used' };
  }
}
