import type { KubeConfig } from '@kubernetes/client-node';
import { CausewayError, messageOf } from '../base/errors.ts';
import { type Authentication, type Connection, invalid, serverAddress } from './connection.ts';

export { remoteKubeconfig } from './remote-kubeconfig.ts';

/** Milliseconds for which a credential is used before it is asked for again: token files change without notice. */
const REMEMBERED = 10_000;
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
  const { KubeConfig } = await import('@kubernetes/client-node');
  const { where, read } = origin(path);
  const load = (): KubeConfig => {
    const config = new KubeConfig();
    try {
      read(config);
    } catch (thrown) {
      throw invalid(where, `cannot be read: ${reasonOf(thrown)}`, 'give a kubeconfig that kubectl can use');
    }
    return config;
  };
  const config = load();
  const cluster = config.getCurrentCluster();
  if (cluster === null || config.getCurrentUser() === null) {
    throw invalid(
      where,
      'its current context names no cluster or no user',
      'set one with `kubectl config use-context`',
    );
  }
  if (cluster.proxyUrl) {
    throw invalid(where, 'proxy-url is set', 'give an address that can be reached without a proxy');
  }
  const server = serverAddress(cluster.server, where);
  const namespace = config.getContextObject(config.getCurrentContext())?.namespace?.trim() || undefined;
  return { server, namespace, authenticate: remembering(config, load, where) };
}

/** Where the configuration comes from, and how it is read. */
function origin(path: string | undefined): { where: string; read: (config: KubeConfig) => void } {
  if (path !== undefined) return { where: `kubeconfig ${path}`, read: config => config.loadFromFile(path) };
  if (process.env['KUBECONFIG']) {
    // As kubectl has it: of several files, the first one's context is the current one.
    return { where: 'kubeconfig of KUBECONFIG', read: config => config.loadFromDefault({}, true) };
  }
  const where = "the pod's service account";
  if (process.env['KUBERNETES_SERVICE_HOST']) return { where, read: config => config.loadFromCluster() };
  const found = 'there is none, this is no pod (KUBERNETES_SERVICE_HOST is not set)';
  throw invalid(where, found, 'run in a pod, or give --kubeconfig or KUBECONFIG');
}

/** The configuration is loaded anew when a credential was refused, for client-node remembers tokens for a minute. */
function remembering(first: KubeConfig, load: () => KubeConfig, where: string): Connection['authenticate'] {
  let config = first;
  let last: { readonly at: number; readonly authentication: Authentication } | undefined;
  let asking: Promise<Authentication> | undefined;
  const ask = async (again: boolean): Promise<Authentication> => {
    if (again) config = load();
    const authentication = await authenticationOf(config, where);
    last = { at: performance.now(), authentication };
    return authentication;
  };
  return async again => {
    if (!again && last !== undefined && performance.now() - last.at < REMEMBERED) return last.authentication;
    asking ??= ask(again).finally(() => {
      asking = undefined;
    });
    return asking;
  };
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
