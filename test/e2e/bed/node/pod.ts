import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Manifest, pathOf } from '../api.ts';
import type { Cluster } from '../cluster.ts';
import { askAsPodsDo } from './clients.ts';
import { Container } from './container.ts';
import { podFolder, sandboxPath } from './folders.ts';
import { imageOf } from './image.ts';
import type { NodeNetwork, PodAddresses } from './network.ts';
import { environmentOf, filesOf } from './pod-environment.ts';
import { Sandbox } from './sandbox.ts';
import type { ContainerSpec, PodSpec } from './spec.ts';
import { StatusTeller } from './status.ts';
import { Volumes } from './volumes.ts';

/** Milliseconds of a preStop sleep that are slept. */
const longestSleep = 1_000;
const volumesPause = 500;

/** One pod on the node, from the moment it is bound until its object may go. */
export class RunningPod {
  readonly #cluster: Cluster;
  readonly #manifest: Manifest;
  readonly #spec: PodSpec;
  readonly #network: NodeNetwork;
  /** Of the cluster. */
  readonly #folder: string;
  readonly #number: number;
  readonly #addresses: PodAddresses;
  readonly #ended = new AbortController();
  #sandbox: Sandbox | undefined;
  #containers: Container[] = [];

  constructor(cluster: Cluster, manifest: Manifest, network: NodeNetwork, folder: string) {
    this.#cluster = cluster;
    this.#manifest = manifest;
    this.#spec = manifest['spec'];
    this.#network = network;
    this.#folder = folder;
    ({ number: this.#number, addresses: this.#addresses } = network.reserve());
  }

  /** Starts it; resolves when it has ended, throws when it cannot be started. */
  async run(): Promise<void> {
    const { signal } = this.#ended;
    const folder = podFolder(this.#folder, this.#uid);
    mkdirSync(folder, { recursive: true });
    const volumes = new Volumes(this.#cluster, this.#manifest, folder);
    await volumes.refresh();
    const sandbox = await this.#enclose(volumes, folder);
    this.#sandbox = sandbox;
    if (signal.aborted) return sandbox.end();
    this.#containers = this.#spec.containers.map(spec => this.#container(spec, sandbox.pid, folder));
    const teller = new StatusTeller(this.#cluster, this.#manifest, this.#addresses);
    await Promise.all([
      ...this.#containers.map(container => container.run()),
      teller.run(this.#containers, signal),
      keep(volumes, signal),
      askAsPodsDo(this.#manifest, this.#addresses.IPv4, signal),
    ]);
  }

  isNamed(namespace: string, name: string): boolean {
    return this.#manifest.metadata.namespace === namespace && this.#manifest.metadata.name === name;
  }

  /** Undefined unless it has a container of that name, which has been started. */
  logOf(container: string): string | undefined {
    const found = this.#containers.some(({ spec }) => spec.name === container);
    return found ? logPath(podFolder(this.#folder, this.#uid), container) : undefined;
  }

  /** As a kubelet ends a pod whose object is marked as deleted; then the object goes. */
  async end(): Promise<void> {
    const sleeps = this.#spec.containers.map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0);
    await sleep(Math.min(longestSleep, Math.max(...sleeps) * 1_000));
    await this.stop();
  }

  /** Ends it and removes its object. */
  async stop(): Promise<void> {
    await Promise.all(this.#containers.map(container => container.stop()));
    this.clear();
    await this.#cluster.admin.request('DELETE', pathOf(this.#manifest), {
      gracePeriodSeconds: 0,
      preconditions: { uid: this.#uid },
    });
  }

  /** Ends at once what there is of it on the node. */
  clear(): void {
    this.#ended.abort();
    for (const container of this.#containers) container.kill();
    this.#sandbox?.end();
    this.#network.release(this.#number);
    rmSync(podFolder(this.#folder, this.#uid), { recursive: true, force: true });
  }

  get #uid(): string {
    return `${this.#manifest.metadata['uid']}`;
  }

  async #enclose(volumes: Volumes, folder: string): Promise<Sandbox> {
    const images = this.#spec.containers.map(({ image }) => imageOf(image));
    const sandbox = await Sandbox.create({
      folder,
      hostname: this.#manifest.metadata.name,
      binds: [...images.flatMap(image => image?.binds ?? []), ...volumes.binds()],
      files: filesOf(this.#manifest, this.#cluster.description, this.#addresses.IPv4),
    });
    await this.#network.attach(this.#number, sandbox.pid);
    writeFileSync(sandboxPath(this.#folder, this.#uid), `${sandbox.pid}`);
    return sandbox;
  }

  #container(spec: ContainerSpec, sandbox: number, folder: string): Container {
    const { entrypoint = [], environment = {} } = imageOf(spec.image) ?? {};
    const { description } = this.#cluster;
    const own = environmentOf(spec, this.#manifest, description, this.#addresses.IPv4);
    return new Container({
      spec,
      sandbox,
      command: [...(spec.command ?? entrypoint), ...(spec.args ?? [])],
      environment: { ...environment, ...own },
      user: { ...this.#spec.securityContext, ...spec.securityContext },
      address: this.#addresses.IPv4,
      log: logPath(folder, spec.name),
    });
  }
}

function logPath(folder: string, container: string): string {
  return join(folder, `${container}.log`);
}

/** A kubelet takes up to a minute to see what changed; half a second is as good and lets a test go on. */
async function keep(volumes: Volumes, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await volumes.refresh().catch(error => console.log(`volumes stay as they are: ${error}`));
    await sleep(volumesPause, undefined, { signal }).catch(() => {});
  }
}
