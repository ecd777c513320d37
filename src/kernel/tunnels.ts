import type { Clock } from '../base/clock.ts';
import { type KeyChange, nextStep } from '../routes/key-change.ts';
import { judge, judgeFirst, type Moment, type Tunnel, usedPeers } from '../routes/liveness.ts';
import type { LocalWireGuard, Marks } from '../routes/model.ts';
import type { Commands } from './commands.ts';
import { findEngine } from './engine.ts';
import type { Kernel } from './kernel.ts';
import { existingKeyIn, keyIn, type NodeKey, nextKeyIn, takeNextKey } from './private-key.ts';

export interface TunnelsOptions {
  readonly commands: Commands;
  readonly kernel: Kernel;
  readonly marks: Marks;
  /** Where the private key is. */
  readonly folder: string;
  readonly clock: Clock;
  /** Seconds since the epoch. */
  readonly unixSeconds: () => number;
  /** What `local` or `published` say is not as it was. */
  readonly changed: () => void;
  /** A look at the tunnels, or a step to another key, that came to nothing; the next comes with the next tick. */
  readonly failed: (reason: unknown) => void;
}

/** Milliseconds between two looks at the tunnels. */
const TICK = 2_500;

/**
 * What `Tunnels` would say after their start. Makes nothing: where there is no key yet, the public one is empty.
 *
 * @throws CausewayError KEY_UNUSABLE
 */
export async function peekTunnels({
  commands,
  kernel,
  marks,
  folder,
  unixSeconds,
}: Omit<TunnelsOptions, 'clock' | 'changed' | 'failed'>): Promise<LocalWireGuard | undefined> {
  const engine = await findEngine(commands, marks.wireguard.device);
  if (engine === undefined) return undefined;
  const key = await existingKeyIn(folder);
  const judged = await firstLook(kernel, marks, { now: 0, epoch: unixSeconds() });
  return localOf(engine, key?.publicKey ?? '', judged);
}

/** What an agent before this one thought is told by its routes. */
async function firstLook(kernel: Kernel, marks: Marks, at: Moment): Promise<Map<string, Tunnel>> {
  const samples = await kernel.traffic();
  if (samples.size === 0) return new Map();
  const there = await kernel.observe();
  return judgeFirst(samples, usedPeers(there.values(), marks.wireguard.device), at);
}

function localOf(
  engine: LocalWireGuard['engine'],
  publicKey: string,
  judged: ReadonlyMap<string, Tunnel>,
): LocalWireGuard {
  const answering = [...judged].filter(([, tunnel]) => tunnel.answering);
  return { engine, publicKey, answering: new Set(answering.map(([key]) => key)) };
}

/** The WireGuard tunnels of this node: by which key it is known, and who answers. Ending it changes nothing. */
export class Tunnels {
  readonly #options: TunnelsOptions;
  #engine: LocalWireGuard['engine'] | undefined;
  #key: NodeKey | undefined;
  /** Undefined before the first look. */
  #judged: ReadonlyMap<string, Tunnel> | undefined;
  #change: KeyChange | undefined;
  #cancel: () => void = () => {};
  #ticking: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: TunnelsOptions) {
    this.#options = options;
  }

  /**
   * What is there of an agent before this one is known when it resolves.
   *
   * @throws CausewayError KEY_UNUSABLE
   */
  async start(): Promise<void> {
    const { commands, folder, marks } = this.#options;
    this.#engine = await findEngine(commands, marks.wireguard.device);
    if (this.#engine === undefined) return;
    this.#key = await keyIn(folder);
    await this.#tick();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#ticking;
  }

  /** Undefined: this node cannot encrypt. While its key changes nobody counts as answering. */
  get local(): LocalWireGuard | undefined {
    if (this.#engine === undefined || this.#key === undefined) return undefined;
    const judged = this.#change === undefined ? this.judged : new Map();
    return localOf(this.#engine, this.#key.publicKey, judged);
  }

  /** The public key that other clusters are to know. */
  get published(): string | undefined {
    return this.#change?.phase === 'withdrawn' ? undefined : this.#key?.publicKey;
  }

  /** What is thought of each tunnel, by public key. */
  get judged(): ReadonlyMap<string, Tunnel> {
    return this.#judged ?? new Map();
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#options.clock.after(TICK, () => {
      this.#ticking = this.#tick();
    });
  }

  async #tick(): Promise<void> {
    const before = this.#told();
    try {
      await this.#look();
      await this.#changeKey();
    } catch (error) {
      this.#options.failed(error);
    }
    if (this.#told() !== before) this.#options.changed();
    this.#schedule();
  }

  async #look(): Promise<void> {
    const { kernel, marks, clock, unixSeconds } = this.#options;
    const at = { now: clock.now(), epoch: unixSeconds() };
    const before = this.#judged;
    this.#judged =
      before === undefined ? await firstLook(kernel, marks, at) : judge(before, await kernel.traffic(), at);
  }

  async #changeKey(): Promise<void> {
    const { folder, clock } = this.#options;
    const isAsked = (await nextKeyIn(folder)) !== undefined;
    const step = nextStep(this.#change, isAsked, this.judged.values(), clock.now());
    if (step === 'take') {
      this.#key = await takeNextKey(folder);
      this.#change = undefined;
    } else {
      this.#change = step;
    }
  }

  #told(): string {
    const { publicKey = '', answering = [] } = this.local ?? {};
    return [publicKey, this.published, ...[...answering].sort()].join(' ');
  }
}
