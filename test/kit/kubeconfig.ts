import { stringify } from 'yaml';

export interface KubeconfigParts {
  readonly cluster?: object;
  readonly user?: object;
  readonly context?: object;
  readonly config?: object;
}

/** A kubeconfig of one cluster; what is given is put over it, and what is given as undefined is left out. */
export function kubeconfig({ cluster, user, context, config }: KubeconfigParts = {}): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'east', cluster: { server: 'https://127.0.0.1:6443', ...cluster } }],
    users: [{ name: 'reader', user: { token: 'a-secret-token', ...user } }],
    contexts: [{ name: 'east', context: { cluster: 'east', user: 'reader', ...context } }],
    'current-context': 'east',
    ...config,
  });
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
