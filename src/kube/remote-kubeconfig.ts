import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { parseDocument } from 'yaml';
import { isLabel } from '../base/name.ts';
import { type Connection, invalid, serverAddress, type TlsOptions } from './connection.ts';

const WHERE = 'kubeconfig of the remote cluster';
/** Octets. A kubeconfig with a chain of certificates has some ten thousand. */
const MAX_SIZE = 64 * 1024;

/**
 * What may stand beside a cluster and a user. All else is refused rather than passed over: `exec` and `auth-provider`
 * would run programs, file paths read files, and `as` act as somebody, all in the controller's name and for whoever can
 * write the Secret; a field that is not known may be the next of that kind.
 */
const CLUSTER_FIELDS = [
  'server',
  'certificate-authority-data',
  'tls-server-name',
  'disable-compression',
  'extensions',
];
const USER_FIELDS = ['token', 'client-certificate-data', 'client-key-data', 'extensions'];

const INSTEAD: Readonly<Record<string, string>> = {
  'insecure-skip-tls-verify': 'set certificate-authority-data to the authority of the API server',
  'certificate-authority': 'set certificate-authority-data to the content of that file in base64',
  'client-certificate': 'set client-certificate-data to the content of that file in base64',
  'client-key': 'set client-key-data to the content of that file in base64',
  'proxy-url': 'give an address that can be reached without a proxy',
};
const OTHERWISE = 'use the token of a service account, or client-certificate-data with client-key-data';

type Fields = Readonly<Record<string, unknown>>;

/** A connection by a kubeconfig that holds all it needs. */
export interface RemoteConnection extends Connection {
  /** Of a service account, as a rule; undefined: the credential is a certificate. */
  readonly token: string | undefined;
  /** All but the token: where it is equal, the same server is reached, and trusted, in the same way. */
  readonly endpoint: string;
}

/**
 * The connection that a Secret's kubeconfig tells of. Whoever may write the Secret is trusted with what the remote API
 * server says, but not with the controller's own machine: only data that stands in the text itself is used.
 *
 * @throws CausewayError KUBECONFIG_INVALID, which says what was found and what to do and quotes nothing that may be
 * secret
 */
export function remoteKubeconfig(text: string): RemoteConnection {
  const config = parse(text);
  const context = current(config);
  const cluster = entry(config, 'clusters', 'cluster', context['cluster']);
  const user = entry(config, 'users', 'user', context['user']);
  permit(cluster, CLUSTER_FIELDS, 'cluster');
  permit(user, USER_FIELDS, 'user');
  const server = serverAddress(cluster['server'], WHERE);
  const tls = tlsOptions(cluster, user);
  const token = tokenOf(user);
  if (token === undefined && tls.cert === undefined) {
    throw invalid(WHERE, 'the user has no credential', OTHERWISE);
  }
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const namespace = namespaceOf(context);
  const endpoint = JSON.stringify([server, namespace, tls]);
  return { server, namespace, token, endpoint, authenticate: async () => ({ headers, tls }) };
}

/** The same; undefined where it cannot be used, for those who leave it to others to say why. */
export function readableKubeconfig(text: string): RemoteConnection | undefined {
  try {
    return remoteKubeconfig(text);
  } catch {
    return undefined;
  }
}

function parse(text: string): Fields {
  if (Buffer.byteLength(text) > MAX_SIZE) {
    throw invalid(
      WHERE,
      `larger than ${MAX_SIZE / 1024} KiB`,
      'keep only the one cluster, user and context in it',
    );
  }
  const remedy = 'check it with `kubectl config view --kubeconfig`';
  // The reader's own messages quote the text, so they stay here.
  const document = parseDocument(text, { prettyErrors: false, stringKeys: true, logLevel: 'silent' });
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    const line = text.slice(0, fault.pos[0]).split('\n').length;
    throw invalid(WHERE, `not YAML (${fault.code} in line ${line})`, remedy);
  }
  let config: unknown;
  try {
    config = document.toJS({ maxAliasCount: 10 });
  } catch {
    throw invalid(WHERE, 'has too many YAML aliases', 'write its values out');
  }
  if (!isFields(config)) throw invalid(WHERE, 'no mapping of fields', remedy);
  if ((config['kind'] ?? 'Config') !== 'Config') {
    throw invalid(WHERE, 'its kind is not Config', 'put a kubeconfig into the Secret');
  }
  return config;
}

function current(config: Fields): Fields {
  const name = config['current-context'];
  if (typeof name !== 'string' || name === '') {
    throw invalid(WHERE, 'has no current-context', 'set it with `kubectl config use-context --kubeconfig`');
  }
  return entry(config, 'contexts', 'context', name);
}

/** The one entry of this name. */
function entry(config: Fields, list: string, kind: string, name: unknown): Fields {
  if (typeof name !== 'string' || name === '') {
    throw invalid(WHERE, `the current context names no ${kind}`, `set its ${kind}`);
  }
  const entries = Array.isArray(config[list]) ? config[list] : [];
  const found = entries.filter(one => isFields(one) && one['name'] === name);
  const what = `${found.length} of its ${list} have the name that is asked for (current-context, or what it names)`;
  if (found.length !== 1) throw invalid(WHERE, what, `keep exactly one ${kind} of that name`);
  const fields = found[0][kind];
  if (!isFields(fields)) throw invalid(WHERE, `an entry of ${list} has no ${kind}`, `fill in its ${kind}`);
  return fields;
}

function permit(fields: Fields, permitted: readonly string[], kind: string): void {
  for (const [name, value] of Object.entries(fields)) {
    const unset = value === null || value === undefined || value === false || value === '';
    if (unset || permitted.includes(name)) continue;
    // A name is quoted if it looks like one: in a muddled file it may be anything.
    const shown = /^[A-Za-z][A-Za-z-]{0,40}$/.test(name) ? name : 'an unknown field';
    throw invalid(WHERE, `the ${kind} has ${shown}, which is not allowed here`, INSTEAD[shown] ?? OTHERWISE);
  }
}

function tlsOptions(cluster: Fields, user: Fields): TlsOptions {
  const ca = pem(cluster, 'certificate-authority-data', 'CERTIFICATE');
  const cert = pem(user, 'client-certificate-data', 'CERTIFICATE');
  const key = pem(user, 'client-key-data', 'PRIVATE KEY');
  const servername = cluster['tls-server-name'];
  if ((cert === undefined) !== (key === undefined)) {
    throw invalid(WHERE, 'one of client-certificate-data and client-key-data is missing', 'set both or none');
  }
  if (servername !== undefined && (typeof servername !== 'string' || !/^[\w.:-]{1,253}$/.test(servername))) {
    throw invalid(
      WHERE,
      'tls-server-name is not a host name',
      "set it to a name in the API server's certificate",
    );
  }
  const options: TlsOptions = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
  };
  try {
    if (ca !== undefined) new X509Certificate(ca);
    createSecureContext(options);
  } catch {
    const found = 'its certificates or key cannot be read, or do not belong together';
    throw invalid(WHERE, found, 'check the -data fields with `base64 -d` and `openssl x509 -noout -text`');
  }
  return options;
}

function pem(fields: Fields, name: string, label: string): string | undefined {
  const value = fields[name] ?? '';
  if (value === '') return undefined;
  const text = typeof value === 'string' ? Buffer.from(value, 'base64').toString('latin1') : '';
  if (!new RegExp(`-----BEGIN (?:[A-Z]+ )?${label}-----`).test(text)) {
    throw invalid(
      WHERE,
      `${name} is not PEM in base64`,
      `set it to what \`base64 -w0\` makes of the PEM file`,
    );
  }
  return text;
}

function tokenOf(user: Fields): string | undefined {
  const value = user['token'] ?? '';
  const token = typeof value === 'string' ? value.trim() : undefined;
  if (token === undefined || !/^[\x21-\x7e]*$/.test(token)) {
    throw invalid(WHERE, 'token is not one word of ASCII', 'set it to what `kubectl create token` prints');
  }
  return token === '' ? undefined : token;
}

function namespaceOf(context: Fields): string | undefined {
  const namespace = context['namespace'] ?? '';
  if (namespace === '') return undefined;
  if (typeof namespace === 'string' && isLabel(namespace)) return namespace;
  throw invalid(
    WHERE,
    'the namespace of the current context is not one',
    'set it to a namespace of that cluster',
  );
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
