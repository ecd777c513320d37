import { expect } from 'vitest';
import type { Manifest } from '../bed/api.ts';
import type { Bed } from '../bed/bed.ts';
import type { Cluster } from '../bed/cluster.ts';
import { remoteReference, untilCondition } from '../bed/look.ts';
import { type Causeway, type ControllerOptions, Member, serviceExport } from '../bed/member.ts';
import { sharedBed } from '../bed/shared.ts';
import { Workload, type WorkloadOptions } from '../bed/workload.ts';
import { dig, sortedData } from '../kit/dig.ts';
import { freePort } from '../kit/ports.ts';
import { type Asked, described, judge, type Phase, QueryLoop } from '../kit/query-loop.ts';
import { waitFor } from '../kit/wait.ts';

/** Short, so that the tests are. */
export const health = { lostAfter: '3s', backAfter: '1s' };
export const lostAfter = 3_000;
/** How long after a fault the addresses of the lost cluster may still be given. */
export const window = lostAfter + 2_000;
/** How long what a cluster has given may take to reach another, on a machine that is busy. */
export const settled = 20_000;

/** Members of the shared bed, of which `west` is the one whose clients are looked at. */
export class Scene {
  readonly bed: Bed;
  readonly members: ReadonlyMap<string, Member>;
  readonly controllers = new Map<string, Causeway>();
  readonly namespace: string;
  port = 0;

  private constructor(bed: Bed, members: readonly Member[], namespace: string) {
    this.bed = bed;
    this.members = new Map(members.map(member => [member.name, member]));
    this.namespace = namespace;
  }

  /** West imports from the others; every member has a controller that runs, and west a DNS daemon. */
  static async set(
    prefix: string,
    names: readonly string[],
    options: ControllerOptions = {},
  ): Promise<Scene> {
    const bed = await sharedBed();
    const namespace = `${prefix}-${Date.now().toString(36)}`;
    const members = await Promise.all(names.map(name => Member.install(bed.cluster(name))));
    await Promise.all(members.map(({ cluster }) => cluster.ensureNamespace(namespace)));
    const scene = new Scene(bed, members, namespace);
    const west = scene.member('west');
    for (const member of members) if (member !== west) await west.connect(member);
    await Promise.all(
      members.map(async member => {
        scene.controllers.set(member.name, await member.startController({ ...health, ...options }));
      }),
    );
    scene.port = await freePort();
    await west.startDns(scene.port);
    return scene;
  }

  member(name: string): Member {
    const found = this.members.get(name);
    if (found === undefined) throw new Error(`${name} is no member`);
    return found;
  }

  cluster(name: string): Cluster {
    return this.bed.cluster(name);
  }

  /** A service with pods, exported by the cluster. */
  async export(
    cluster: string,
    name: string,
    options: Partial<WorkloadOptions> = {},
    annotations: Readonly<Record<string, string>> = {},
  ): Promise<Workload> {
    const { namespace } = this;
    const workload = await Workload.deploy(this.cluster(cluster), { namespace, name, ...options });
    await this.cluster(cluster).admin.apply(serviceExport(namespace, name, annotations));
    return workload;
  }

  async unexport(cluster: string, name: string): Promise<void> {
    await this.cluster(cluster).admin.delete(serviceExport(this.namespace, name));
  }

  nameOf(service: string): string {
    return `${service}.${this.namespace}.svc.clusterset.local`;
  }

  /** What a client of west gets: the response code, or the sorted addresses. */
  async answer(service: string, port = this.port): Promise<string> {
    const reply = await dig(port, this.nameOf(service));
    return reply.status === 'NOERROR' ? sortedData(reply).join(' ') || 'NODATA' : reply.status;
  }

  async untilAnswered(service: string, addresses: readonly string[], port = this.port): Promise<void> {
    const expected = addresses.toSorted().join(' ') || 'NXDOMAIN';
    const what = `west answers ${service} with ${expected}`;
    await waitFor(
      what,
      () => this.answer(service, port),
      seen => seen === expected,
      settled,
    );
  }

  async untilServing(remote: string, expected: 'True' | 'False Lost'): Promise<void> {
    await untilCondition(this.cluster('west'), remoteReference(remote), 'Serving', expected);
  }

  /** A cluster IP of the derived Service that stands for one source cluster of a service. */
  async clusterAddress(service: string, source: string): Promise<string> {
    const labels = `multicluster.kubernetes.io/source-cluster=${source},causeway.dev/service-name=${service}`;
    const look = (): Promise<Manifest[]> =>
      this.cluster('west').admin.list('v1', 'Service', this.namespace, labels);
    const [found] = await waitFor(
      `west has an address for ${service} of ${source}`,
      look,
      seen => seen.length === 1,
    );
    return found?.['spec'].clusterIP;
  }

  /**
   * Everything that west's controller has written for the namespace, by kind and name, with what must not change
   * unasked.
   */
  async written(): Promise<Map<string, Manifest>> {
    const { admin } = this.cluster('west');
    const ofNamespace = `causeway.dev/service-namespace=${this.namespace}`;
    const lists = await Promise.all([
      admin.list('v1', 'Service', this.namespace),
      admin.list('discovery.k8s.io/v1', 'EndpointSlice', this.namespace),
      admin.list('multicluster.x-k8s.io/v1beta1', 'ServiceImport', this.namespace),
      admin.list('causeway.dev/v1alpha1', 'ExportedService', 'causeway-imports', ofNamespace),
      admin.list('causeway.dev/v1alpha1', 'ExportedService', 'causeway-exports', ofNamespace),
    ]);
    return new Map(
      lists.flatMap((list, kind) => list.map(one => [`${kind} ${one.metadata.name}`, one] as const)),
    );
  }

  /** Of all that is written: equal if nobody has written anything since. */
  async versions(): Promise<string[]> {
    return [...(await this.written())].map(
      ([id, { metadata }]) => `${id} ${metadata['uid']} ${metadata['resourceVersion']}`,
    );
  }

  /** Asks for these services, 200 times a second in all. */
  watch(services: readonly string[], port = this.port): Promise<QueryLoop> {
    return QueryLoop.start(
      port,
      services.map(service => this.nameOf(service)),
    );
  }

  /**
   * Prints what came of the questions for one service and holds it to what it shall be: nothing wrong, nothing missing.
   */
  judge(fault: string, asked: readonly Asked[], service: string, phases: readonly Phase[]): number {
    const verdict = judge(asked, this.nameOf(service), phases);
    console.log(described(`${fault}, ${service}`, verdict));
    expect({ service, wrong: verdict.wrong.slice(0, 10), missing: verdict.missing }).toEqual({
      service,
      wrong: [],
      missing: 0,
    });
    expect(verdict.questions).toBeGreaterThan(50);
    return verdict.windows[0] ?? 0;
  }

  /** Ends everything; what was changed in the clusters goes with the namespace. */
  async end(): Promise<void> {
    await this.bed.restore();
    const metadata = { name: this.namespace };
    for (const member of this.members.values()) {
      await member.leave();
      await member.cluster.admin.delete({ apiVersion: 'v1', kind: 'Namespace', metadata });
    }
  }
}
