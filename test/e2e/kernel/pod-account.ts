import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { remoteKubeconfig } from '../../../src/kube/remote-kubeconfig.ts';

/** Where every pod finds what it tells the API server who it is by. */
export const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Makes of a kubeconfig what a kubelet gives a pod: files for `ACCOUNT`, in the folder. @returns its variables */
export async function podAccount(kubeconfig: string, folder: string): Promise<Record<string, string>> {
  const { server, token = '', authenticate } = remoteKubeconfig(await readFile(kubeconfig, 'utf8'));
  const { tls } = await authenticate(false);
  const { hostname, port } = new URL(server);
  await mkdir(folder, { recursive: true });
  const files = { token, 'ca.crt': String(tls.ca), namespace: 'causeway-system' };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return { KUBERNETES_SERVICE_HOST: hostname.replace(/^\[|\]$/g, ''), KUBERNETES_SERVICE_PORT: port };
}
