import { onTestFinished } from 'vitest';
import { Controller } from '../../src/controller/controller.ts';
import type { Connection } from '../../src/kube/connection.ts';
import { HttpsApiClient } from '../../src/kube/https-client.ts';
import { ApiServer } from './api-server.ts';
import { Refusal } from './api-writes.ts';
import { Authority } from './certificate.ts';
import { silent } from './handlers.ts';
import { base64, kubeconfig } from './kubeconfig.ts';

const authority = new Authority();

/** Short, so that a test waits for tenths of seconds; nothing depends on how short. */
const LIMITS = { lostAfter: 600, backAfter: 200 };

export interface ControlOptions {
  /** Undefined: it leads without an election. */
  readonly identity?: string;
  /** The way to its own API server. */
  readonly connection?: Connection;
}

/** A cluster on an API server in memory, and its controllers. */
export class ControlledCluster {
  readonly id: string;
  readonly api: ApiServer;
  #nextAddress = 1;

  private constructor(id: string) {
    this.id = id;
    this.api = new ApiServer({
      tls: authority.issue(),
      admit: (collection, object, before) => {
        if (before !== undefined && before['addressType'] !== object['addressType']) {
          throw new Refusal(422, 'Invalid', 'addressType: field is immutable');
        }
        // What the real one allocates.
        const spec = object['spec'] as Record<string, unknown> | undefined;
        if (!collection.endsWith('services') || spec === undefined || object['kind'] !== 'Service') return;
        spec['clusterIPs'] ??= [`10.96.0.${this.#nextAddress++}`];
      },
    });
  }

  static async start(id: string): Promise<ControlledCluster> {
    const cluster = new ControlledCluster(id);
    await cluster.api.start();
    onTestFinished(() => cluster.api.end());
    cluster.api.load(`
apiVersion: about.k8s.io/v1beta1
kind: ClusterProperty
metadata: {name: cluster.clusterset.k8s.io}
spec: {value: ${id}}
`);
    for (const name of ['causeway-exports', 'causeway-imports', 'causeway-system', 'shop']) {
      cluster.api.load(`{apiVersion: v1, kind: Namespace, metadata: {name: ${name}}}`);
    }
    return cluster;
  }

  /** Has it import from another one. */
  connect(other: ControlledCluster): void {
    this.api.load(`
apiVersion: v1
kind: Secret
metadata: {namespace: causeway-system, name: ${other.id}}
data: {kubeconfig: ${base64(other.kubeconfig())}}
---
apiVersion: causeway.dev/v1alpha1
kind: RemoteCluster
metadata: {name: ${other.id}, uid: u-${other.id}, generation: 1}
spec: {secretRef: {name: ${other.id}}}
`);
  }

  /** A kubeconfig of this cluster; what is given of its user is put over a token. */
  kubeconfig(user: object = {}): string {
    const cluster = { server: this.api.url, 'certificate-authority-data': base64(authority.cert) };
    return kubeconfig({ cluster, user });
  }

  /** A controller that is ready, and ends with the test. */
  async control(options: ControlOptions = {}): Promise<Controller> {
    const controller = this.controller(options);
    await controller.start();
    return controller;
  }

  /** A controller that is not started yet, and ends with the test. */
  controller({ identity, connection = this.#connection() }: ControlOptions = {}): Controller {
    const controller = new Controller({
      client: new HttpsApiClient(connection),
      namespace: 'causeway-system',
      limits: LIMITS,
      concurrency: 4,
      identity,
      log: silent,
      fatal: () => {},
    });
    onTestFinished(() => controller.stop());
    return controller;
  }

  #connection(): Connection {
    const connection = this.api.connection();
    const tls = { ca: authority.cert };
    return { ...connection, authenticate: async () => ({ ...(await connection.authenticate(false)), tls }) };
  }

  /** `namespace/name` of everything in a collection, sorted. */
  names(collection: string): string[] {
    return this.api.store.objects(collection).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
  }
}
