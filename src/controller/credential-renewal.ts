import type { Clock } from '../base/clock.ts';
import { WorkQueue } from '../base/queue.ts';
import type { ApiClient } from '../kube/client.ts';
import { HttpsApiClient } from '../kube/https-client.ts';
import { type RemoteConnection, readableKubeconfig, remoteKubeconfig } from '../kube/remote-kubeconfig.ts';
import { apiVersionOf, RESOURCES } from '../kube/resource.ts';
import { type GivenToken, requestToken } from '../kube/token-request.ts';
import { CLUSTER_ID_PROPERTY } from '../objects/names.ts';
import type { RemoteClusterObject } from '../objects/shapes.ts';
import {
  renewalTime,
  renewedLifetime,
  type TokenClaims,
  type TokenLife,
  tokenClaims,
} from '../objects/token.ts';
import { systemClock } from '../ops/clock.ts';
import type { HeldSecret, LocalState } from './local-state.ts';
import type { Writer } from './writer.ts';

export interface CredentialRenewalOptions {
  readonly client: Pick<ApiClient, 'apply'>;
  /** Where the Secrets lie. */
  readonly namespace: string;
  readonly state: LocalState;
  readonly writer: Writer;
  readonly renewed: (remote: RemoteClusterObject, until: number) => void;
  /** @param until when the credential ends that is in use still, in milliseconds since the epoch */
  readonly failed: (remote: RemoteClusterObject, until: number, reason: unknown) => void;
  readonly clock?: Clock;
  /** Milliseconds since the epoch. */
  readonly wall?: () => number;
}

/** A credential that `causeway connect` has put into a Secret, and that this controller keeps from ending. */
interface Credential {
  readonly remote: RemoteClusterObject;
  readonly secret: HeldSecret;
  /** The kubeconfig. */
  readonly text: string;
  readonly connection: RemoteConnection;
  readonly token: string;
  readonly account: TokenClaims['account'];
  readonly life: TokenLife;
}

/** Milliseconds. A clock that is set, or a machine that slept, is noticed so much later at the most. */
const LOOK = 600_000;
/**
 * No token is replaced sooner than so long after the one before it. By a clock that is wrong, or by what a hostile API
 * server gives out, each could be due at once, and be written and heard of and written again without a pause.
 */
const REST = 60_000;

/**
 * Renews the tokens in Secrets that `causeway connect` made, each with itself: it may create tokens for its own
 * account, and nothing else. Lives as long as this process leads.
 */
export class CredentialRenewal {
  readonly #options: Required<CredentialRenewalOptions>;
  readonly #queue: WorkQueue;
  readonly #stopped = new AbortController();
  /** By name: the clock's time before which a credential is left alone. */
  readonly #restUntil = new Map<string, number>();

  constructor(options: CredentialRenewalOptions) {
    this.#options = { clock: systemClock, wall: Date.now, ...options };
    this.#queue = new WorkQueue({
      clock: this.#options.clock,
      random: Math.random,
      concurrency: 4,
      work: name => this.#look(name),
      failed: (name, reason) => {
        const credential = this.#credentialOf(name);
        if (credential !== undefined) options.failed(credential.remote, credential.life.to, reason);
      },
    });
  }

  /** RemoteClusters, or the Secrets that they name, may be others than before. */
  changed(): void {
    for (const name of this.#options.state.remoteClusters.keys()) this.#queue.add(name);
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error('the controller stops writing'));
    await this.#queue.stop();
  }

  async #look(name: string): Promise<void> {
    const credential = this.#credentialOf(name);
    if (credential === undefined) return;
    const { clock, wall } = this.#options;
    const rest = (this.#restUntil.get(name) ?? 0) - clock.now();
    const wait = Math.max(rest, renewalTime(credential.life) - wall());
    if (wait > 0) this.#queue.addAfter(name, Math.min(wait, LOOK));
    else await this.#renew(credential);
  }

  /** Undefined: there is nothing that may be renewed. */
  #credentialOf(name: string): Credential | undefined {
    const { state } = this.#options;
    const remote = state.remoteClusters.get(name);
    if (remote === undefined) return undefined;
    const secret = state.secrets.get(remote.secretName);
    const encoded = state.kubeconfigOf(remote);
    if (secret?.madeFor !== name || encoded === undefined) return undefined;
    const text = Buffer.from(encoded, 'base64').toString('utf8');
    const connection = readableKubeconfig(text);
    const token = connection?.token;
    const claims = token === undefined ? undefined : tokenClaims(token);
    if (connection === undefined || token === undefined || claims?.life === undefined) return undefined;
    return { remote, secret, text, connection, token, account: claims.account, life: claims.life };
  }

  async #renew({ remote, secret, text, connection, token, account, life }: Credential): Promise<void> {
    const { writer, renewed } = this.#options;
    const given = await this.#ask(connection, account, renewedLifetime(life));
    const next = text.replaceAll(token, given.token);
    await this.#try(next);
    const data = { [remote.secretKey]: Buffer.from(next).toString('base64') };
    const failure = await writer.attempt(() => this.#write(secret, data));
    if (failure !== undefined) throw failure.fault;
    this.#restUntil.set(remote.name, this.#options.clock.now() + REST);
    renewed(remote, given.claims.life?.to ?? life.to);
  }

  async #ask(
    connection: RemoteConnection,
    account: TokenClaims['account'],
    seconds: number,
  ): Promise<GivenToken> {
    const client = new HttpsApiClient(connection);
    try {
      return await requestToken(client, account, seconds, this.#stopped.signal);
    } finally {
      client.close();
    }
  }

  /** What works is not given up for what was never tried. */
  async #try(kubeconfig: string): Promise<void> {
    const client = new HttpsApiClient(remoteKubeconfig(kubeconfig));
    try {
      await client.get(RESOURCES.clusterProperties, { name: CLUSTER_ID_PROPERTY }, this.#stopped.signal);
    } finally {
      client.close();
    }
  }

  /** Only what was read is replaced: if somebody has connected anew or disconnected since, that holds (409). */
  async #write({ name, resourceVersion }: HeldSecret, data: object): Promise<void> {
    const { client, namespace } = this.#options;
    const manifest = {
      apiVersion: apiVersionOf(RESOURCES.secrets),
      kind: RESOURCES.secrets.kind,
      metadata: { namespace, name, resourceVersion },
      data,
    };
    await client.apply(RESOURCES.secrets, { namespace, name }, manifest, this.#stopped.signal);
  }
}
