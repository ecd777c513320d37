import { onTestFinished } from 'vitest';
import { CredentialRenewal } from '../../src/controller/credential-renewal.ts';
import { LocalState } from '../../src/controller/local-state.ts';
import { Writer } from '../../src/controller/writer.ts';
import { HttpsApiClient } from '../../src/kube/https-client.ts';
import { Mesh } from '../../src/mesh/mesh.ts';
import { MADE_FOR } from '../../src/objects/names.ts';
import { Problems } from '../../src/objects/problem.ts';
import { remoteClusterReader } from '../../src/objects/remote-cluster.ts';
import { ApiServer } from './api-server.ts';
import type { ApiObject } from './api-store.ts';
import { Authority } from './certificate.ts';
import { VirtualClock } from './clock.ts';
import { base64, kubeconfig } from './kubeconfig.ts';

const authority = new Authority();
const NOON = Date.parse('2026-06-01T12:00:00Z');

export interface RenewedCredentialOptions {
  /** Of the Secret. */
  readonly labels?: Readonly<Record<string, string>>;
  /** In seconds: how long the token holds, and how much of that is over. */
  readonly seconds?: number;
  readonly age?: number;
}

/** West reads east with the token of a service account of east, which its controller renews. */
export class RenewedCredential {
  readonly clock = new VirtualClock();
  readonly east: ApiServer;
  readonly west = new ApiServer();
  readonly failures: string[] = [];
  readonly renewals: string[] = [];
  leads = true;
  readonly #state: LocalState;
  readonly #renewal: CredentialRenewal;

  private constructor() {
    const wall = () => NOON + this.clock.now();
    this.east = new ApiServer({ tls: authority.issue(), wall });
    this.#state = new LocalState('west', new Mesh({ localCluster: 'west' }), {
      service: () => {},
      namespace: () => {},
      remotes: () => {},
    });
    const until = (time: number) => new Date(time).toISOString();
    this.#renewal = new CredentialRenewal({
      client: { apply: (...given) => new HttpsApiClient(this.west.connection()).apply(...given) },
      namespace: 'causeway-system',
      state: this.#state,
      writer: new Writer(() => this.leads, { ok: 0, failed: 0 }),
      renewed: ({ name }, end) => this.renewals.push(`${name} until ${until(end)}`),
      failed: ({ name }, end, reason) => this.failures.push(`${name} until ${until(end)}: ${reason}`),
      clock: this.clock,
      wall,
    });
  }

  static async start(options: RenewedCredentialOptions = {}): Promise<RenewedCredential> {
    const { labels = { [MADE_FOR]: 'east' }, seconds = 3_600, age = 0 } = options;
    const set = new RenewedCredential();
    await Promise.all([set.east.start(), set.west.start()]);
    onTestFinished(async () => {
      await set.#renewal.stop();
      await Promise.all([set.east.end(), set.west.end()]);
    });
    set.east.token = 'of-the-administrator';
    set.east.load('{kind: ServiceAccount, metadata: {namespace: causeway-exports-west, name: west}}');
    set.put(set.kubeconfig(set.east.accounts.issue('causeway-exports-west', 'west', seconds, age)), labels);
    return set;
  }

  kubeconfig(token: string): string {
    const cluster = { server: this.east.url, 'certificate-authority-data': base64(authority.cert) };
    return kubeconfig({ cluster, user: { token }, context: { namespace: 'causeway-exports-west' } });
  }

  /** Somebody writes the Secret. */
  put(text: string, labels: Readonly<Record<string, string>> = { [MADE_FOR]: 'east' }): void {
    const metadata = { namespace: 'causeway-system', name: 'east', labels };
    this.west.put({ apiVersion: 'v1', kind: 'Secret', metadata, data: { kubeconfig: base64(text) } });
  }

  /** The controller hears of the Secret as it is, and of the RemoteCluster. */
  hear(): void {
    const { metadata, data } = this.#secret();
    this.#state.putSecret({
      name: metadata.name,
      resourceVersion: metadata.resourceVersion ?? '',
      madeFor: metadata.labels?.[MADE_FOR],
      texts: new Map(Object.entries(data as Record<string, string>)),
    });
    const remote = remoteClusterReader.read(
      { metadata: { name: 'east' }, spec: { secretRef: { name: 'east' } } },
      new Problems(() => 'RemoteCluster east'),
    );
    if (remote !== undefined) this.#state.putRemote(remote);
    this.#renewal.changed();
  }

  /** The kubeconfig in the Secret. */
  get text(): string {
    const { data } = this.#secret();
    return Buffer.from(String(Object(data).kubeconfig), 'base64').toString();
  }

  get token(): string {
    return /token: (\S+)/.exec(this.text)?.[1] ?? '';
  }

  #secret(): ApiObject {
    const found = this.west.store.get('/secrets', 'causeway-system', 'east');
    if (found === undefined) throw new Error('west has no Secret east');
    return found;
  }
}
