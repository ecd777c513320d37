import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { keyIn, makeNextKey } from '../../../src/kernel/private-key.ts';
import type { PublishedKeys } from '../../../src/kernel/tunnels.ts';
import type { Encryption } from '../../../src/objects/shapes.ts';
import { MARKS } from '../../../src/routes/model.ts';
import { waitFor } from '../kit/wait.ts';
import { Lab, type LabNode } from './lab.ts';
import { Wire } from './wire.ts';

const { device, detour } = MARKS.wireguard;
/** Milliseconds for a test in which keys change. */
export const LONG = 300_000;
/** For what is waited for in it: less, so that the test can say what that was. */
const LIMIT = 180_000;

/** Two clusters whose nodes hear of each other's keys, as by their controllers, while these change. */
export class Rotation {
  readonly lab: Lab;
  readonly wire: Wire;
  /** Whether the controllers know nothing of next keys, so that no node hears of another's. */
  areControllersOld = false;
  /** Nodes that begin at once: nobody hears of the next key of one of them before all have published theirs. */
  #beginning: readonly LabNode[] = [];
  #isOver = false;
  readonly #relaying: Promise<void>;

  private constructor(lab: Lab, wire: Wire) {
    this.lab = lab;
    this.wire = wire;
    this.#relaying = this.#relay();
  }

  static async of(encryption: Encryption): Promise<Rotation> {
    const lab = await Lab.of(['vxlan'], { routed: true, encryption });
    return new Rotation(lab, await Wire.between(lab));
  }

  async remove(): Promise<void> {
    this.#isOver = true;
    await this.#relaying;
    await this.lab.remove();
  }

  /** All nodes reach all of the other cluster encrypted, and nobody has a second device. */
  async atRest(): Promise<void> {
    const { nodes } = this.lab;
    const others = nodes.flatMap(from =>
      nodes.filter(({ cluster }) => cluster !== from.cluster).map(to => [from, to] as const),
    );
    await waitFor(
      'every way by WireGuard, and no second device',
      async () => {
        const ways = await Promise.all(others.map(([from, to]) => deviceTo(from, to)));
        const second = await Promise.all(nodes.map(({ node }) => secondDevice(node)));
        return [...ways.filter(way => way !== device), ...second.filter(one => one !== 'none')];
      },
      wrong => wrong.length === 0,
      LIMIT,
    );
  }

  /**
   * 200 packets a second both ways until the keys have changed; what was lost of them, and what was not encrypted, with
   * a story for whoever has to find out why.
   */
  async changing(nodes: readonly LabNode[], meanwhile = async (): Promise<void> => {}) {
    const { wire, lab } = this;
    await wire.passed();
    const streams = [wire.streaming(lab.here, lab.there), wire.streaming(lab.there, lab.here)];
    await sleep(1_000);
    const begun = Date.now();
    this.#beginning = nodes;
    const keys = await Promise.all(nodes.map(node => makeNextKey(lab.folderOf(node))));
    await meanwhile();
    await waitFor(
      'the new keys are published, and nothing else',
      () => nodes.map(({ keys: known }) => JSON.stringify(known)),
      known =>
        known.join() ===
        keys.map(({ publicKey }) => JSON.stringify({ wireguardPublicKey: publicKey })).join(),
      LIMIT,
    );
    await this.atRest();
    const took = (Date.now() - begun) / 1_000;
    const streamed = await Promise.all(streams.map(end => end()));
    const { vxlan, clear, detour: around } = await wire.passed();
    for (const [index, node] of nodes.entries())
      expect((await keyIn(lab.folderOf(node))).publicKey).toBe(keys[index]?.publicKey);
    const lost = streamed.map(one => one.lost);
    const seconds = lost.map(count => count / 200);
    const of = `${lost.join(' and ')} of ${streamed[0]?.sent} packets lost, ${seconds.join(' and ')} s`;
    console.log(`${expect.getState().currentTestName}: another key in ${took.toFixed(1)} s, ${of}`);
    const story = stringify({
      'no answer came': streamed.map(({ pauses }) => pauses),
      'the agents said': Object.fromEntries(lab.nodes.map(({ name, agent }) => [name, agent?.output()])),
    });
    return { took, lost, seconds, story, around, clear: { vxlan, clear } };
  }

  /** Waits until an agent has come to a phase of the change that goes on. */
  async reached({ agent }: LabNode, phase: string): Promise<void> {
    const said = (): string => agent?.output().split('key change: done').at(-1) ?? '';
    await waitFor(phase, () => said().includes(`key change: ${phase}`), Boolean, LIMIT);
  }

  async killAndStart(node: LabNode): Promise<void> {
    await node.agent?.kill();
    await sleep(1_000);
    const started = this.lab.startAgent(node).then(() => true);
    // What `wg` does is no news of the kernel's: that nothing is left to do shows when something else is.
    while (!(await Promise.race([started, sleep(3_000, false)]))) await this.lab.tell();
  }

  /** Tells everybody which keys the nodes publish, and each node what its Node bears: a second later. */
  async #relay(): Promise<void> {
    const { lab } = this;
    const published = new Map<LabNode, PublishedKeys>();
    let told = '';
    while (!this.#isOver) {
      for (const node of lab.nodes) {
        const said = [...(node.agent?.output() ?? '').matchAll(/^\{"published":(\{.*\})\}$/gm)].at(-1)?.[1];
        if (said !== undefined) published.set(node, JSON.parse(said));
      }
      await sleep(1_000);
      const now = JSON.stringify([...published.values()]);
      const isBegun = (node: LabNode): boolean => published.get(node)?.wireguardNextPublicKey !== undefined;
      if (now === told || !this.#beginning.every(isBegun)) continue;
      this.#beginning = [];
      for (const [node, keys] of published) this.#hear(node, keys);
      await lab.tell();
      told = now;
    }
  }

  #hear(node: LabNode, { wireguardPublicKey: now, wireguardNextPublicKey: next }: PublishedKeys): void {
    node.keys = {
      ...(now === undefined ? {} : { wireguardPublicKey: now }),
      ...(next === undefined || this.areControllersOld ? {} : { wireguardNextPublicKey: next }),
    };
    node.announced = next;
  }
}

/** The device that a node sends by to the pod of another. */
async function deviceTo(from: LabNode, to: LabNode): Promise<string> {
  const { output } = await from.node.commands.run('ip', ['route', 'get', to.podAddresses.IPv4]);
  return / dev (\S+)/.exec(output)?.[1] ?? 'none';
}

async function secondDevice({ commands, tunnelProcess }: LabNode['node']): Promise<string> {
  const { code } = await commands.run('ip', ['link', 'show', detour.device]);
  return code === 0 || (await tunnelProcess(detour.device)) !== undefined ? detour.device : 'none';
}
