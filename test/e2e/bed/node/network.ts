import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, writeFileSync } from 'node:fs';
import { type Description, nodeAddress, nodeCount, podAddresses, serviceRanges } from '../description.ts';

export type PodAddresses = ReturnType<typeof podAddresses>;

/** Pods that tests write without running them have the numbers below. */
const firstPod = 40_000;
const lastPod = 65_000;

/** The node's side of every cable to a pod has the same addresses: nobody but the pod at its other end sees them. */
const gateway = '169.254.1.1';
const gateway6 = 'fe80::1';

/**
 * The network of a node, in the namespace that this process is in. Pods hang on it by a cable each, not by a bridge: so
 * all that they say to each other is routed, and goes through the rules of kube-proxy both ways.
 */
export class NodeNetwork {
  readonly #description: Description;
  readonly #taken = new Set<number>();
  #next = firstPod;

  private constructor(description: Description) {
    this.#description = description;
  }

  static async setUp(description: Description): Promise<NodeNetwork> {
    const indices = Array.from({ length: nodeCount }, (_, index) => index);
    const addresses = indices.map(index => `address add ${nodeAddress(description, index)}/32 dev lo`);
    const [services, services6] = serviceRanges(description);
    // kube-proxy changes where a packet of the node itself goes only after the kernel has found some way for it.
    const routes = [
      `route add ${services} dev lo src ${nodeAddress(description)}`,
      `route add ${services6} dev lo`,
    ];
    await feed(ip, ['link set lo up', ...addresses, ...routes]);
    await feed(nft, hairpins(description));
    set('ipv4/ip_forward', '1');
    set('ipv6/conf/all/forwarding', '1');
    // Replies may come by another cable than the one that the kernel would ask through.
    for (const which of ['all', 'default']) set(`ipv4/conf/${which}/rp_filter`, '0');
    return new NodeNetwork(description);
  }

  /** Addresses for a pod, until they are given back. */
  reserve(): { readonly number: number; readonly addresses: PodAddresses } {
    // Not the lowest that is free: an address that comes back at once is taken for the old pod's.
    do this.#next = this.#next >= lastPod ? firstPod : this.#next + 1;
    while (this.#taken.has(this.#next));
    this.#taken.add(this.#next);
    return { number: this.#next, addresses: podAddresses(this.#description, this.#next) };
  }

  release(number: number): void {
    this.#taken.delete(number);
  }

  /** Connects a pod. @param sandbox a process in its namespace */
  async attach(number: number, sandbox: number): Promise<void> {
    const { IPv4, IPv6 } = podAddresses(this.#description, number);
    const device = `pod-${number}`;
    await feed(ip, [
      `link add ${device} type veth peer name eth0 netns ${sandbox}`,
      `address add ${gateway}/32 dev ${device}`,
      `address add ${gateway6}/64 dev ${device} nodad`,
      `link set ${device} up`,
      `route add ${IPv4}/32 dev ${device} src ${nodeAddress(this.#description)}`,
      `route add ${IPv6}/128 dev ${device}`,
    ]);
    const pod = [
      'link set lo up',
      `address add ${IPv4}/32 dev eth0`,
      `address add ${IPv6}/128 dev eth0 nodad`,
      'link set eth0 up',
      `route add ${gateway} dev eth0`,
      `route add default via ${gateway}`,
      `route add default via ${gateway6} dev eth0`,
    ];
    await feed(['nsenter', '--target', `${sandbox}`, '--net', ...ip], pod);
    await feed(nft, [`add element ip node hairpins { ${IPv4} . ${IPv4} }`]);
  }
}

/** Of the network that this process is in. */
function set(key: string, value: string): void {
  const path = `/proc/sys/net/${key}`;
  if (existsSync(path)) writeFileSync(path, value);
}

/**
 * A pod that asks a Service and is led to itself would drop its own question. kube-proxy sees to that for the pods of
 * its own node, and here it stands for three.
 */
function hairpins(description: Description): string[] {
  return [
    'add table ip node',
    'add set ip node hairpins { type ipv4_addr . ipv4_addr; }',
    'add chain ip node postrouting { type nat hook postrouting priority srcnat; }',
    `add rule ip node postrouting ip saddr . ip daddr @hairpins snat to ${nodeAddress(description)}`,
  ];
}

const ip = ['ip', '-batch', '-'];
const nft = ['nft', '--file', '-'];

/** Runs a command that reads what it shall do, a line each. */
async function feed([command = '', ...args]: readonly string[], lines: readonly string[]): Promise<void> {
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(`${lines.join('\n')}\n`);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${errors}\n${lines.join('\n')}`);
}
