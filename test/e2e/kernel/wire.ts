import { MARKS } from '../../../src/routes/model.ts';
import { feed } from './feed.ts';
import type { Lab, LabNode } from './lab.ts';

const { port, detour } = MARKS.wireguard;
const DELAY = { device: 'delay', table: 7 };

/** What passed between the clusters since the last time, in packets. */
export interface Passed {
  /** By the first WireGuard device. */
  readonly encrypted: number;
  /** By the second. */
  readonly detour: number;
  readonly vxlan: number;
  /** From anywhere else to a pod of a cluster, as it is. */
  readonly clear: number;
  /** Parts of packets. */
  readonly fragments: number;
}

const WATCH = `
  table inet watch {
    counter encrypted {}
    counter detour {}
    counter vxlan {}
    counter clear {}
    counter fragments {}
    chain wire {
      type filter hook prerouting priority -300;
      udp dport ${port} counter name encrypted
      udp dport ${detour.port} counter name detour
      udp dport ${MARKS.vxlan.port} counter name vxlan
      ip daddr 10.11.0.0/16 ip saddr != 10.11.0.0/16 counter name clear
      ip daddr 10.12.0.0/16 ip saddr != 10.12.0.0/16 counter name clear
      ip6 daddr fd00:11::/32 ip6 saddr != fd00:11::/32 counter name clear
      ip6 daddr fd00:12::/32 ip6 saddr != fd00:12::/32 counter name clear
      ip frag-off & 0x3fff != 0 counter name fragments
    }
    chain cut { type filter hook forward priority 0; }
  }
`;

/** What came of a stream, in packets. */
export interface Streamed {
  readonly sent: number;
  readonly lost: number;
  /** When no answer came. */
  readonly pauses: readonly string[];
}

/** What is between the clusters of a lab, watched there. */
export class Wire {
  readonly #lab: Lab;

  private constructor(lab: Lab) {
    this.#lab = lab;
  }

  static async between(lab: Lab): Promise<Wire> {
    const wire = new Wire(lab);
    await wire.#nft(['-f', '-'], WATCH);
    return wire;
  }

  /** Datagrams from pod to pod and back, 200 a second. @param size octets at least */
  async stream(from: LabNode, to: LabNode, seconds: number, size = 0): Promise<Streamed> {
    const words = [to.podAddresses.IPv4, `${seconds * 200}`, `${size}`];
    return streamed(await this.#lab.inside(from.pod, 'pod.ts', 'stream', ...words));
  }

  /** The same until it is ended, which is what is returned. */
  streaming(from: LabNode, to: LabNode): () => Promise<Streamed> {
    const words = [to.podAddresses.IPv4, 'Infinity'];
    const running = this.#lab.start(from.pod, 'pod.ts', 'stream', ...words);
    return async () => {
      await running.stop();
      return streamed(running.output());
    };
  }

  async passed(): Promise<Passed> {
    const { nftables } = JSON.parse(await this.#nft(['-j', 'reset', 'counters', 'table', 'inet', 'watch']));
    const counters = nftables.flatMap((item: { counter?: { name: string; packets: number } }) =>
      item.counter === undefined ? [] : [[item.counter.name, item.counter.packets]],
    );
    return Object.fromEntries(counters) as unknown as Passed;
  }

  /** Nothing of WireGuard's gets to the other cluster until it is mended. @param ports absent: of both devices */
  async cut(ports: readonly number[] = [port, detour.port]): Promise<void> {
    const set = `{ ${ports.join(', ')} }`;
    await this.#nft(['add', 'rule', 'inet', 'watch', 'cut', 'udp', 'dport', set, 'drop']);
  }

  async mend(): Promise<void> {
    await this.#nft(['flush', 'chain', 'inet', 'watch', 'cut']);
  }

  /** Packets take so many milliseconds from one cluster to the other from now on. Only between two networks. */
  async lengthen(milliseconds: number): Promise<void> {
    const { fabric } = this.#lab;
    await this.#lab.startInside(fabric, 'delay.ts', DELAY.device, `${milliseconds}`);
    // What comes out of the device has come from elsewhere, as far as the kernel knows.
    for (const path of ['all', DELAY.device]) await fabric.sysctls.write(`ipv4/conf/${path}/rp_filter`, '0');
    await feed(fabric, [
      `link set ${DELAY.device} up`,
      `route add default dev ${DELAY.device} table ${DELAY.table}`,
      ...['one', 'two'].map(network => `rule add iif ${network} lookup ${DELAY.table}`),
    ]);
  }

  async #nft(words: readonly string[], input?: string): Promise<string> {
    const { code, output, errors } = await this.#lab.fabric.commands.run('nft', words, input);
    if (code !== 0) throw new Error(errors);
    return output;
  }
}

function streamed(printed: string): Streamed {
  const { sent, answers, pauses } = JSON.parse(printed);
  return { sent, lost: sent - answers, pauses };
}
