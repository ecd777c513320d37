import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../api.ts';
import type { Cluster } from '../cluster.ts';
import type { PodSpec, VolumeSpec } from './spec.ts';

type ConfigMapSpec = NonNullable<VolumeSpec['configMap']>;

/** Where every client library looks for it. */
const accountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Seconds that a token holds, and after which it is renewed. */
const tokenLife = 3_600;
const tokenRenewal = 2_400;

/** The volumes of one pod as folders of this machine, its service account's token among them. */
export class Volumes {
  readonly #cluster: Cluster;
  readonly #pod: Manifest;
  readonly #spec: PodSpec;
  readonly #folder: string;
  #tokenFrom = Number.NEGATIVE_INFINITY;

  constructor(cluster: Cluster, pod: Manifest, folder: string) {
    this.#cluster = cluster;
    this.#pod = pod;
    this.#spec = pod['spec'];
    this.#folder = join(folder, 'volumes');
  }

  /** Makes them what they are in the cluster now; throws where something is missing. */
  async refresh(): Promise<void> {
    for (const volume of this.#spec.volumes ?? []) await this.#fill(volume);
    if (!this.#hasToken() || performance.now() - this.#tokenFrom < tokenRenewal * 1_000) return;
    await this.#renewToken();
    this.#tokenFrom = performance.now();
  }

  /** Source and target of what the pod sees. */
  binds(): (readonly [string, string])[] {
    const mounts = this.#spec.containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
    const binds = mounts.map(({ name, mountPath }) => [join(this.#folder, name), mountPath] as const);
    return this.#hasToken() ? [...binds, [this.#tokenFolder(), accountPath]] : binds;
  }

  #hasToken(): boolean {
    return this.#spec.automountServiceAccountToken ?? true;
  }

  #tokenFolder(): string {
    return join(this.#folder, 'kube-api-access');
  }

  async #fill({ name, emptyDir, configMap }: VolumeSpec): Promise<void> {
    const folder = join(this.#folder, name);
    mkdirSync(folder, { recursive: true });
    if (emptyDir !== undefined) {
      chmodSync(folder, 0o777);
      return;
    }
    if (configMap === undefined) throw new Error(`volume ${name} is of a kind that no node of the bed knows`);
    const data = await this.#configMap(configMap);
    const items = configMap.items ?? Object.keys(data).map(key => ({ key, path: key }));
    writeFiles(folder, Object.fromEntries(items.map(({ key, path }) => [path, data[key] ?? ''])));
  }

  async #configMap({ name, optional }: ConfigMapSpec): Promise<Record<string, string>> {
    const { namespace = '' } = this.#pod.metadata;
    const metadata = { namespace, name };
    const found = await this.#cluster.admin.get({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
    if (found === undefined && optional !== true)
      throw new Error(`there is no ConfigMap ${namespace}/${name}`);
    return found?.['data'] ?? {};
  }

  async #renewToken(): Promise<void> {
    const { namespace = '', name, uid } = this.#pod.metadata;
    const account = this.#spec.serviceAccountName ?? 'default';
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token`;
    const reply = await this.#cluster.admin.request('POST', path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        expirationSeconds: tokenLife,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    });
    if (reply.status !== 201) throw new Error(`no token for ${account}: ${JSON.stringify(reply.body)}`);
    const authority = readFileSync(this.#cluster.pki.path('ca.crt'), 'utf8');
    mkdirSync(this.#tokenFolder(), { recursive: true });
    writeFiles(this.#tokenFolder(), { token: reply.body.status.token, 'ca.crt': authority, namespace });
  }
}

/** Each file changes all at once, and only when it does: programs look at their times. */
function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const name of readdirSync(folder)) if (files[name] === undefined) rmSync(join(folder, name));
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    if (readIfThere(path) === text) continue;
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
