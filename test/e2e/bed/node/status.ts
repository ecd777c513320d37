import { setTimeout as sleep } from 'node:timers/promises';
import type { Manifest } from '../api.ts';
import type { Cluster } from '../cluster.ts';
import { nodeAddress } from '../description.ts';
import { type Container, now } from './container.ts';
import type { PodAddresses } from './network.ts';

interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly lastTransitionTime?: string;
}

const pause = 100;

/** Keeps the status of one pod's object what its containers are. */
export class StatusTeller {
  readonly #cluster: Cluster;
  readonly #pod: Manifest;
  readonly #addresses: PodAddresses;
  readonly #startTime = now();
  #conditions: readonly Condition[];
  #told = '';

  constructor(cluster: Cluster, pod: Manifest, addresses: PodAddresses) {
    this.#cluster = cluster;
    this.#pod = pod;
    this.#addresses = addresses;
    this.#conditions = pod['status']?.conditions ?? [];
  }

  /** Until the signal comes. */
  async run(containers: readonly Container[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#tell(containers).catch(error => console.log(`a status was not told: ${error}`));
      await sleep(pause, undefined, { signal }).catch(() => {});
    }
  }

  async #tell(containers: readonly Container[]): Promise<void> {
    const ready = containers.every(container => container.ready);
    this.#conditions = turned(this.#conditions, {
      PodScheduled: true,
      Initialized: true,
      ContainersReady: ready,
      Ready: ready,
    });
    const status = {
      phase: 'Running',
      startTime: this.#startTime,
      hostIP: nodeAddress(this.#cluster.description),
      podIP: this.#addresses.IPv4,
      podIPs: [{ ip: this.#addresses.IPv4 }, { ip: this.#addresses.IPv6 }],
      conditions: this.#conditions,
      containerStatuses: containers.map(containerStatus),
    };
    const text = JSON.stringify(status);
    if (text === this.#told) return;
    const { apiVersion, kind, metadata } = this.#pod;
    const { uid } = metadata;
    await this.#cluster.admin.merge({ apiVersion, kind, metadata }, { metadata: { uid }, status }, 'status');
    this.#told = text;
  }
}

/** Each with the time since when it is as it is. */
function turned(before: readonly Condition[], holding: Readonly<Record<string, boolean>>): Condition[] {
  return Object.entries(holding).map(([type, holds]) => {
    const status = holds ? 'True' : 'False';
    const same = before.find(one => one.type === type && one.status === status);
    return { type, status, lastTransitionTime: same?.lastTransitionTime ?? now() };
  });
}

function containerStatus(container: Container): object {
  const { spec, pid, startedAt, ended, restarts, started, ready } = container;
  const reason = ended?.exitCode === 0 ? 'Completed' : 'Error';
  return {
    name: spec.name,
    image: spec.image,
    imageID: spec.image,
    ...(pid !== undefined && { containerID: containerId(pid) }),
    restartCount: restarts,
    started,
    ready,
    state: pid !== undefined ? { running: { startedAt } } : { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: ended === undefined ? {} : { terminated: { reason, ...ended } },
  };
}

const scheme = 'process://';

function containerId(pid: number): string {
  return `${scheme}${pid}`;
}

/** The process of a container that runs. */
export function processOf(id: string): number {
  return Number(id.slice(scheme.length));
}
