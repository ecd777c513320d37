import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Agent } from '../../src/agent/agent.ts';
import type { PreviewParts } from '../../src/agent/once.ts';
import type { ProbingParts } from '../../src/agent/probes.ts';
import type { RouteSettings } from '../../src/agent/wanted.ts';
import type { Clock } from '../../src/base/clock.ts';
import { Bird } from '../../src/bgp/bird.ts';
import { Kernel } from '../../src/kernel/kernel.ts';
import { keyFilesIn } from '../../src/kernel/private-key.ts';
import { HttpsApiClient } from '../../src/kube/https-client.ts';
import { systemClock } from '../../src/ops/clock.ts';
import { loggerTo } from '../../src/ops/log.ts';
import { MARKS } from '../../src/routes/model.ts';
import { ApiServer } from './api-server.ts';
import { FakeCommands, fakePlace } from './kernel/fake-commands.ts';

export const EAST_CLUSTER = `
apiVersion: about.k8s.io/v1
kind: ClusterProperty
metadata: {name: cluster.clusterset.k8s.io}
spec: {value: east}
---
apiVersion: networking.k8s.io/v1
kind: ServiceCIDR
metadata: {name: kubernetes}
spec: {cidrs: [10.96.0.0/16]}
---
apiVersion: v1
kind: Node
metadata: {name: e1, uid: e-1}
spec: {podCIDRs: [10.11.1.0/24]}
status: {addresses: [{type: InternalIP, address: 172.31.1.11}]}
---
apiVersion: v1
kind: Node
metadata: {name: e2, uid: e-2}
spec: {podCIDRs: [10.11.2.0/24]}
status: {addresses: [{type: InternalIP, address: 172.31.1.12}]}
`;

export function remoteCluster(id: string, { spec = '', annotations = '' } = {}): string {
  return `
apiVersion: causeway.dev/v1alpha1
kind: RemoteCluster
metadata: {name: ${id}, uid: u-${id}, annotations: {${annotations}}}
spec: {secretRef: {name: ${id}}, ${spec}}
status: {clusterId: ${id}}
`;
}

export function remoteNode(
  cluster: string,
  number: number,
  block: string,
  address: string,
  spec = '',
): string {
  return `
apiVersion: causeway.dev/v1alpha1
kind: RemoteNode
metadata: {name: ${cluster}.n${number}}
spec: {cluster: ${cluster}, nodeName: n${number}, nodeUID: ${cluster}-${number}, addresses: [${address}], podCIDRs: [${block}], ${spec}}
`;
}

/** One node, with a kernel that is only values, of a cluster whose API server is in memory. */
export class RoutedNode {
  readonly api = new ApiServer();
  readonly commands = new FakeCommands();
  readonly kernel: Kernel;
  /** What it has logged. */
  readonly log: string[] = [];
  /** What it has said to be waiting for. */
  readonly waits: string[] = [];
  readonly #bird: Bird;
  settings: RouteSettings = {
    nodeName: 'e1',
    modes: ['vxlan'],
    serviceCIDRs: [],
    apiServers: () => [],
    overrides: { underlayAddresses: [], sourceAddresses: [] },
    bgp: { as: 64_512, routers: [] },
    stateFolder: '',
  };
  /** Not unless a test says how. */
  probing: ProbingParts | undefined;
  unixSeconds = (): number => Date.now() / 1_000;
  /** Somebody has changed something in the kernel. */
  changed: () => void = () => {};

  private constructor(folder: string) {
    this.settings = { ...this.settings, stateFolder: folder };
    const { commands } = this;
    const keyFileOf = keyFilesIn(folder);
    this.kernel = new Kernel({ ...fakePlace(commands), marks: MARKS, keyFileOf });
    this.#bird = new Bird({ commands, folder, marks: MARKS });
  }

  static async start(yaml = EAST_CLUSTER): Promise<RoutedNode> {
    const folder = await mkdtemp(join(tmpdir(), 'causeway-node-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const node = new RoutedNode(folder);
    await node.api.start();
    onTestFinished(() => node.api.end());
    node.api.load(yaml);
    await node.ip('link add eth0 type veth');
    await node.ip('link set eth0 up');
    await node.ip('addr add 172.31.1.11/24 dev eth0');
    await node.ip('route add default via 172.31.1.1 dev eth0');
    return node;
  }

  parts(): PreviewParts {
    const client = new HttpsApiClient(this.api.connection());
    const { commands, kernel, settings } = this;
    const unixSeconds = (): number => this.unixSeconds();
    const log = loggerTo({ write: line => this.log.push(line) }, 'info');
    const common = { client, commands, kernel, marks: MARKS, settings, bird: this.#bird, unixSeconds, log };
    return { ...common, clock: systemClock, waits: line => this.waits.push(line) };
  }

  /** An agent that begins and ends with the test. */
  agent(clock: Clock = systemClock): Agent {
    const agent = new Agent({
      ...this.parts(),
      monitor: changed => {
        this.changed = changed;
        return { stop: () => {} };
      },
      clock,
      random: Math.random,
      probing: this.probing,
      speaking: { bird: this.#bird, passwords: async () => new Map() },
    });
    onTestFinished(() => agent.stop());
    return agent;
  }

  async ip(line: string): Promise<void> {
    const { code, errors } = await this.commands.run('ip', line.split(' '));
    if (code !== 0) throw new Error(errors);
  }

  /** Where the routes in our table lead. */
  routes(): string[] {
    return this.commands.network.routes
      .filter(({ table, type }) => table === MARKS.table && type === 'unicast')
      .map(({ dst, via, dev, source }) => `${dst} via ${via} dev ${dev} src ${source}`)
      .sort();
  }

  annotations(name = 'e1'): Readonly<Record<string, string>> {
    return this.api.store.get('/nodes', '', name)?.metadata.annotations ?? {};
  }
}
