import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { KubeConfig } from '@kubernetes/client-node';
import { CausewayError, messageOf } from '../base/errors.ts';
import { type Authentication, type Connection, invalid, serverAddress } from './connection.ts';
import { remembering } from './remembering.ts';
import { isInPod, SERVICE_ACCOUNT, serviceAccount } from './service-account.ts';

/** Milliseconds; a credential plugin may have to ask a person's identity provider. */
const LONGEST = 30_000;

/**
 * The connection to the API server of the cluster we run in: by the kubeconfig at `path`, else by the files that
 * KUBECONFIG names, else by the pod's service account. Never by `~/.kube/config`: what is its current context today may
 * be somebody else's cluster tomorrow, and a daemon would write into it.
 *
 * @throws CausewayError KUBECONFIG_INVALID
 */
export async function inClusterOrKubeconfig(path: string | undefined): Promise<Connection> {
  return connectionBy(origin(path), undefined);
}

/** A connection that an operator has chosen. */
export interface OperatorConnection extends Connection {
  /** The kubeconfig's name for it; `in-cluster` in a pod. */
  readonly context: string;
}

/**
 * The connection that kubectl would have: by the kubeconfig at `path`, else by the files that KUBECONFIG names, else by
 * `~/.kube/config`, else by the pod's service account.
 *
 * @param context undefined: the current one
 * @throws CausewayError KUBECONFIG_INVALID, CONTEXT_UNKNOWN
 */
export async function operatorConnection(
  path: string | undefined,
  context: string | undefined,
): Promise<OperatorConnection> {
  return connectionBy(operatorOrigin(path), context);
}

async function connectionBy(from: Origin | 'pod', context: string | undefined): Promise<OperatorConnection> {
  return from === 'pod' ? inPod(context) : byKubeconfig(from, context);
}

const IN_CLUSTER = 'in-cluster';

async function inPod(context = IN_CLUSTER): Promise<OperatorConnection> {
  if (context !== IN_CLUSTER) throw unknownContext(context, [IN_CLUSTER], SERVICE_ACCOUNT);
  return { ...(await serviceAccount()), context };
}

async function byKubeconfig(from: Origin, context: string | undefined): Promise<OperatorConnection> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const { where, read } = from;
  const load = (): KubeConfig => {
    const config = new KubeConfig();
    try {
      read(config);
    } catch (thrown) {
      throw invalid(where, `cannot be read: ${reasonOf(thrown)}`, 'give a kubeconfig that kubectl can use');
    }
    if (context !== undefined) useContext(config, context, where);
    return config;
  };
  let config = load();
  const cluster = config.getCurrentCluster();
  if (cluster === null || config.getCurrentUser() === null) {
    throw invalid(
      where,
      `its ${context === undefined ? 'current context' : `context ${context}`} names no cluster or no user`,
      'set one with `kubectl config use-context`',
    );
  }
  if (cluster.proxyUrl) {
    throw invalid(where, 'proxy-url is set', 'give an address that can be reached without a proxy');
  }
  const server = serverAddress(cluster.server, where);
  const current = config.getCurrentContext();
  const namespace = config.getContextObject(current)?.namespace?.trim() || undefined;
  const authenticate = remembering(again => {
    // Client-node remembers tokens for a minute.
    if (again) config = load();
    return authenticationOf(config, where);
  });
  return { server, namespace, context: current, authenticate };
}

function useContext(config: KubeConfig, context: string, where: string): void {
  const names = config.getContexts().map(({ name }) => name);
  if (!names.includes(context)) throw unknownContext(context, names, where);
  config.setCurrentContext(context);
}

function unknownContext(context: string, names: readonly string[], where: string): CausewayError {
  const there = names.length === 0 ? 'it has none' : `it has ${names.join(', ')}`;
  return new CausewayError('CONTEXT_UNKNOWN', `${where}: there is no context ${context}; ${there}`);
}

interface Origin {
  /** For messages. */
  readonly where: string;
  readonly read: (config: KubeConfig) => void;
}

function operatorOrigin(path: string | undefined): Origin | 'pod' {
  const standard = join(homedir(), '.kube', 'config');
  const given = path !== undefined || process.env['KUBECONFIG'] || isInPod();
  if (existsSync(standard) && !given) return origin(standard);
  if (given) return origin(path);
  throw invalid(`kubeconfig ${standard}`, 'there is none', 'give --kubeconfig or KUBECONFIG');
}

/** Where the configuration comes from, and how it is read. */
function origin(path: string | undefined): Origin | 'pod' {
  if (path !== undefined) return { where: `kubeconfig ${path}`, read: config => config.loadFromFile(path) };
  const listed = process.env['KUBECONFIG'];
  if (listed) return { where: 'kubeconfig of KUBECONFIG', read: config => readListed(config, listed) };
  if (isInPod()) return 'pod';
  const found = 'there is none, this is no pod (KUBERNETES_SERVICE_HOST is not set)';
  throw invalid(SERVICE_ACCOUNT, found, 'run in a pod, or give --kubeconfig or KUBECONFIG');
}

/** As kubectl has it: files that are not there are passed over, and of what several say the first is right. */
function readListed(config: KubeConfig, list: string): void {
  const files = list.split(delimiter).filter(file => file !== '');
  const there = files.filter(file => existsSync(file));
  if (there.length === 0) throw new Error(`there is no ${files.join(', and no ')}`);
  const parts = there.map(file => {
    config.loadFromFile(file);
    const { clusters, users, contexts, currentContext } = config;
    return { clusters, users, contexts, currentContext };
  });
  config.loadFromOptions({
    clusters: firstOfEach(parts.flatMap(({ clusters }) => clusters)),
    users: firstOfEach(parts.flatMap(({ users }) => users)),
    contexts: firstOfEach(parts.flatMap(({ contexts }) => contexts)),
    currentContext: parts.find(({ currentContext }) => currentContext)?.currentContext,
  });
}

function firstOfEach<Named extends { readonly name: string }>(all: readonly Named[]): Named[] {
  return [...Map.groupBy(all, ({ name }) => name).values()].flatMap(([first]) => first ?? []);
}

async function authenticationOf(config: KubeConfig, where: string): Promise<Authentication> {
  const options: Parameters<KubeConfig['applyToHTTPSOptions']>[0] = {};
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer from its plugin')), LONGEST);
  });
  try {
    await Promise.race([config.applyToHTTPSOptions(options), late]);
  } catch (thrown) {
    throw invalid(where, `no credential to be had: ${reasonOf(thrown)}`, 'check that kubectl can use it');
  } finally {
    clearTimeout(timer);
  }
  const { ca, cert, key, servername, rejectUnauthorized, auth } = options as Record<string, unknown>;
  const given = { ca, cert, key, servername, rejectUnauthorized };
  const basic =
    typeof auth === 'string' ? { authorization: `Basic ${Buffer.from(auth).toString('base64')}` } : {};
  return {
    headers: { ...basic, ...headersOf(options.headers) },
    tls: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}

function headersOf(headers: unknown): Record<string, string> {
  const all = Object.entries(Object(headers) as Record<string, unknown>);
  return Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), String(value).trim()]));
}

/** What plugins print may be a credential that is cut short, and a YAML reader quotes what it cannot read. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof CausewayError) return thrown.message;
  if (thrown instanceof SyntaxError) return 'the plugin printed no ExecCredential';
  return messageOf(thrown).split('\n')[0]?.slice(0, 200) ?? '';
}
