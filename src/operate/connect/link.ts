import { CausewayError } from '../../base/errors.ts';
import { type CredentialWish, isGoodToken } from '../../connect/credential.ts';
import { ONLY_FROM_HERE } from '../../connect/preflight.ts';
import { privateExportsNamespace } from '../../desired/publication.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { RawObject } from '../../kube/client.ts';
import { type RemoteConnection, readableKubeconfig } from '../../kube/remote-kubeconfig.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { remoteReaderManifests } from '../../manifests/deploy.ts';
import type { DeployFiles, Manifest } from '../../manifests/manifest.ts';
import {
  KUBECONFIG_KEY,
  kubeconfigSecret,
  kubeconfigSecretName,
  kubeconfigText,
  type RemoteWishes,
  remoteClusterManifest,
} from '../../manifests/remote-cluster.ts';
import { conditionsOf } from '../../objects/conditions.ts';
import { MADE_FOR } from '../../objects/names.ts';
import { tokenClaims } from '../../objects/token.ts';
import type { AppliedObject } from '../../views/applied.ts';
import type { ConnectLink } from '../../views/connect.ts';
import { applyObject } from '../apply.ts';
import type { Step } from '../step.ts';
import { untilFound } from '../until-found.ts';
import type { Member } from './member.ts';
import { settle } from './settle.ts';
import { newToken, type Trial, tryKubeconfig, tryToken, untilLetIn } from './token.ts';

export interface LinkOptions {
  readonly files: DeployFiles;
  /** That Causeway runs in. */
  readonly namespace: string;
  /** Of the token, in seconds; undefined: it has no end. */
  readonly lifetime: number | undefined;
  /** Whether nobody is asked from here at addresses other than the operator's own. */
  readonly skipServerCheck: boolean;
  /** Of the source. */
  readonly wishes: RemoteWishes;
  readonly dryRun: boolean;
}

/** Who reads whom. Both have an id. */
export interface Direction {
  readonly reader: Member & { readonly id: string };
  readonly source: Member & { readonly id: string };
}

type Linked = Omit<ConnectLink, 'synced' | 'serving'>;

const UNASKED: Trial = { unreached: new Error('nobody was asked') };

/** Milliseconds for a namespace that is being deleted to be gone. */
const ENDING = 60_000;

/** Has one cluster read another; what is there already, and does, stays. */
export async function link(
  { reader, source }: Direction,
  options: LinkOptions,
  step: Step,
  signal: AbortSignal,
): Promise<Linked> {
  const inSource = await step(`In ${source.id}, let ${reader.id} read`, detail =>
    admit({ reader, source }, options, detail, signal),
  );
  return step(`In ${reader.id}, put the credential for ${source.id}`, () =>
    new Handover({ reader, source }, options, signal).run(inSource),
  );
}

/** What the reader gets in the source. */
async function admit(
  { reader, source }: Direction,
  { files, namespace, lifetime, dryRun }: LinkOptions,
  detail: (text: string) => void,
  signal: AbortSignal,
): Promise<AppliedObject[]> {
  const { client } = source.cluster;
  const manifests = remoteReaderManifests(files, reader.id, namespace).filter(
    ({ kind }) => kind !== 'Secret' || lifetime === undefined,
  );
  const own = privateExportsNamespace(reader.id);
  const isGone = await untilFound(ENDING, signal, async () => {
    const found = await client.get(RESOURCES.namespaces, { name: own }, signal);
    if (found?.metadata['deletionTimestamp'] === undefined) return true;
    detail(`namespace ${own} is still being deleted`);
    return undefined;
  });
  if (isGone === undefined) {
    const found = `namespace ${own} of ${source.id} is being deleted, and still is after ${ENDING / 1_000} s`;
    throw new CausewayError('NAMESPACE_ENDING', `${found}; see its conditions, then connect again`);
  }
  const applied: AppliedObject[] = [];
  for (const manifest of manifests) {
    detail(`${applied.length} of ${manifests.length}`);
    applied.push(await applyObject(client, manifest, dryRun, signal));
  }
  return applied;
}

/** The Secret and the RemoteCluster in the reader. */
class Handover {
  readonly #direction: Direction;
  readonly #options: LinkOptions;
  readonly #signal: AbortSignal;
  readonly #wish: CredentialWish;
  /** That is in the Secret in the end. Undefined: it is not known. */
  #connection: RemoteConnection | undefined;

  constructor(direction: Direction, options: LinkOptions, signal: AbortSignal) {
    const { id } = direction.reader;
    this.#direction = direction;
    this.#options = options;
    this.#signal = signal;
    this.#wish = {
      account: { namespace: privateExportsNamespace(id), name: id },
      lifetime: options.lifetime,
    };
  }

  async run(inSource: readonly AppliedObject[]): Promise<Linked> {
    const { reader, source } = this.#direction;
    const { namespace, wishes, dryRun } = this.#options;
    const { client } = reader.cluster;
    const place = { namespace, name: kubeconfigSecretName(source.id) };
    const wanted = (before: RawObject | undefined) => this.#secret(before);
    const secret = await settle(client, 'Secret', place, wanted, dryRun, this.#signal);
    const remote = (before: RawObject | undefined) => remoteClusterManifest(source.id, wishes, before);
    const object = await settle(client, 'RemoteCluster', { name: source.id }, remote, dryRun, this.#signal);
    const token = this.#connection?.token;
    const life = token === undefined ? undefined : tokenClaims(token)?.life;
    return {
      reader: reader.id,
      source: source.id,
      server: this.#connection?.server ?? source.endpoint.server,
      credential: secret.change === 'unchanged' ? 'kept' : 'new',
      ...(life === undefined ? {} : { credentialEnds: new Date(life.to).toISOString() }),
      inSource: [...inSource],
      inReader: [secret, object],
    };
  }

  /** Undefined: the one that is there does. */
  async #secret(before: RawObject | undefined): Promise<Manifest | undefined> {
    const { reader, source } = this.#direction;
    const { namespace, dryRun } = this.#options;
    this.#connection = await this.#good(before);
    if (this.#connection !== undefined) return undefined;
    if (dryRun) return kubeconfigSecret(source.id, namespace, '');
    const token = await newToken(source.cluster.client, this.#wish, this.#signal);
    const { account } = this.#wish;
    const access = { cluster: source.id, account: reader.id, namespace: account.namespace, token };
    const text = kubeconfigText({ ...source.endpoint, ...access });
    const trial = await untilLetIn(() => this.#try(text, token), this.#signal).catch((thrown: unknown) =>
      this.#refused(thrown, token),
    );
    if ('unreached' in trial) throw trial.unreached;
    if (trial.clusterId !== source.id)
      throw this.#foreign(`is that of ${trial.clusterId ?? 'a cluster without an id'}`);
    this.#connection = readableKubeconfig(text);
    return kubeconfigSecret(source.id, namespace, text);
  }

  /** By the way that the reader takes; where that cannot be gone from here, by the operator's. */
  async #try(text: string, token: string): Promise<Trial> {
    const { cluster, facts } = this.#direction.source;
    const { trust } = facts.endpoint;
    const byOperators = () => tryToken(token, cluster.connection, this.#signal);
    if (trust === 'unasked') return byOperators();
    const trial = await tryKubeconfig(text, this.#signal);
    return 'unreached' in trial && 'unreached' in trust ? byOperators() : trial;
  }

  /** By an address that is there already: one that leads nowhere from here, or astray, may well lead pods there. */
  async #tryOther(text: string, token: string): Promise<Trial> {
    const { reader, source } = this.#direction;
    const trial = this.#options.skipServerCheck ? UNASKED : await tryKubeconfig(text, this.#signal);
    if (!('unreached' in trial)) return trial;
    const remote = await reader.cluster.client.get(
      RESOURCES.remoteClusters,
      { name: source.id },
      this.#signal,
    );
    const held = conditionsOf(remote).find(({ type }) => type === 'ControlPlaneReachable');
    return held?.status === 'True' ? tryToken(token, source.cluster.connection, this.#signal) : trial;
  }

  /** Another cluster takes no token of this one. @throws always */
  async #refused(thrown: unknown, token: string): Promise<never> {
    const { cluster, facts, id } = this.#direction.source;
    const isAstray = facts.endpoint.isOverride && thrown instanceof ApiError && thrown.status === 401;
    const own = isAstray ? await tryToken(token, cluster.connection, this.#signal) : undefined;
    if (own === undefined || !('clusterId' in own) || own.clusterId !== id) throw thrown;
    throw this.#foreign(`does not take a token that ${id} takes, so it is another one`);
  }

  #foreign(is: string): CausewayError {
    const { endpoint, facts, id } = this.#direction.source;
    const cure = 'check --server-override and --destination-server-override';
    return new CausewayError(
      'SERVER_FOREIGN',
      `${endpoint.server} is to be the API server of cluster ${id}, and ${is}; ${cure}` +
        (facts.endpoint.isOverride ? `; ${ONLY_FROM_HERE}` : ''),
    );
  }

  /** The connection that a Secret holds, if it is as it should be and works now. */
  async #good(secret: RawObject | undefined): Promise<RemoteConnection | undefined> {
    const { source } = this.#direction;
    const encoded: unknown = Object(secret?.['data'])[KUBECONFIG_KEY];
    if (secret?.metadata.labels?.[MADE_FOR] !== source.id || typeof encoded !== 'string') return undefined;
    const text = Buffer.from(encoded, 'base64').toString('utf8');
    const connection = readableKubeconfig(text);
    if (connection?.token === undefined || connection.namespace !== this.#wish.account.namespace)
      return undefined;
    if (!isGoodToken(tokenClaims(connection.token), this.#wish, Date.now())) return undefined;
    const isOther = connection.server !== source.endpoint.server;
    if (isOther && source.facts.endpoint.isOverride) return undefined;
    // Another address than the operator's was an override once; it stays as long as it leads to the cluster.
    const trial = await (isOther || source.facts.endpoint.trust === 'unasked'
      ? this.#tryOther(text, connection.token)
      : this.#try(text, connection.token)
    ).catch((thrown: unknown) => {
      this.#signal.throwIfAborted();
      return { unreached: thrown };
    });
    return 'clusterId' in trial && trial.clusterId === source.id ? connection : undefined;
  }
}
