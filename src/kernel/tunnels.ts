import type { Clock } from '../base/clock.ts';
import { crossedPeers } from '../routes/crossing.ts';
import { ownKey } from '../routes/encapsulation/detour.ts';
import { type KeyChange, nextStep } from '../routes/key-change.ts';
import { judge, type Tunnel, withAnotherKey } from '../routes/liveness.ts';
import type { LocalWireGuard } from '../routes/model.ts';
import { findEngine } from './engine.ts';
import {
  type Demand,
  demandOf,
  devicesFor,
  firstLook,
  type Judged,
  localOf,
  type PeekParts,
  withLocal,
} from './first-look.ts';
import type { Wanted } from './keeper.ts';
import { dropNextKey, existingKeyIn, keyIn, type NodeKey, nextKeyIn, takeNextKey } from './private-key.ts';

export interface TunnelsOptions extends PeekParts {
  readonly clock: Clock;
  /** The next public key that the Node bears, be it from a process before this one; undefined: none. */
  readonly announced: () => string | undefined;
  /** What `of` or `published` say is not as it was. */
  readonly changed: () => void;
  /** The key of this node changes, or has changed. */
  readonly stepped: (phase: KeyChange['phase'] | 'done') => void;
  /** Peers of a device are put anew, because they and this node ask each other for sessions at once. */
  readonly renewed: (device: string, publicKeys: ReadonlySet<string>) => void;
  /** A look at the tunnels, a step to another key or a peer put anew that came to nothing; the next tick goes on. */
  readonly failed: (reason: unknown) => void;
}

/** The public keys that other clusters are to know of a node. */
export interface PublishedKeys {
  readonly wireguardPublicKey?: string;
  readonly wireguardNextPublicKey?: string;
}

/** Milliseconds between two looks at the tunnels. */
const TICK = 2_500;
const NOBODY: ReadonlyMap<string, Tunnel> = new Map();

/**
 * The WireGuard tunnels of this node: by which key it is known, and who answers. Ending it changes nothing.
 *
 * A key is made, and programs of WireGuard's are run, only once some cluster is to be encrypted for. One that is there
 * is published in any case: who knows it may rely on it.
 */
export class Tunnels {
  readonly #options: TunnelsOptions;
  /** Undefined before it is known what is wanted. */
  #demand: Demand | undefined;
  #engine: LocalWireGuard['engine'] | undefined;
  #key: NodeKey | undefined;
  #next: NodeKey | undefined;
  /** Undefined before the first look. */
  #judged: Judged | undefined;
  #change: KeyChange | undefined;
  #cancel: () => void = () => {};
  /** One look or step at a time. */
  #work: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: TunnelsOptions) {
    this.#options = options;
  }

  /** Takes up the key that is there. @throws CausewayError KEY_UNUSABLE */
  async start(): Promise<void> {
    this.#key = await existingKeyIn(this.#options.folder);
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancel();
    await this.#work.catch(() => {});
  }

  /**
   * What is wanted, with what is known of tunnels. What is there of an agent before this one is known when it resolves.
   *
   * @throws CausewayError KEY_UNUSABLE, KERNEL_UNREADABLE
   */
  async of(wanted: Wanted): Promise<Wanted> {
    const demand = demandOf(wanted);
    if (this.#demand?.encrypts !== demand.encrypts) await this.#serially(() => this.#begin(demand));
    else this.#demand = demand;
    return withLocal(wanted, this.#local);
  }

  get published(): PublishedKeys {
    const isUnable = this.#demand?.encrypts === true && this.#engine === undefined;
    if (isUnable || this.#key === undefined) return {};
    const phase = this.#change?.phase;
    const next = phase === 'closing' ? undefined : this.#nextPublicKey;
    return {
      ...(phase === 'withdrawn' ? {} : { wireguardPublicKey: this.#key.publicKey }),
      ...(next === undefined ? {} : { wireguardNextPublicKey: next }),
    };
  }

  /** What is thought of each tunnel. */
  get judged(): Judged {
    return this.#judged ?? new Map();
  }

  /** Undefined: the key of this node does not change. */
  get keyChange(): KeyChange['phase'] | undefined {
    return this.#change?.phase;
  }

  /** Undefined: this node cannot encrypt, or needs not. While it leaves the first device nobody answers there. */
  get #local(): LocalWireGuard | undefined {
    const { marks } = this.#options;
    if (this.#engine === undefined || this.#key === undefined) return undefined;
    const phase = this.#change?.phase;
    const hasLeft = phase === 'leaving' || phase === 'withdrawn';
    const judged = hasLeft ? this.#judgedWith(marks.wireguard.device, () => NOBODY) : this.judged;
    return localOf(this.#engine, this.#key.publicKey, this.#nextPublicKey, judged, marks);
  }

  get #nextPublicKey(): string | undefined {
    const phase = this.#change?.phase;
    return phase === undefined || phase === 'waiting' ? undefined : this.#next?.publicKey;
  }

  #judgedOn(device: string): ReadonlyMap<string, Tunnel> {
    return this.judged.get(device) ?? NOBODY;
  }

  #judgedWith(device: string, change: (tunnels: ReadonlyMap<string, Tunnel>) => typeof NOBODY): Judged {
    return new Map([...this.judged, [device, change(this.#judgedOn(device))]]);
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#cancel = this.#options.clock.after(TICK, () => {
      void this.#serially(() => this.#tick());
    });
  }

  #serially(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work.catch(() => {}).then(work);
    return this.#work;
  }

  async #tick(): Promise<void> {
    const before = this.#told();
    try {
      if (this.#demand !== undefined) await this.#step(this.#demand);
    } catch (error) {
      this.#options.failed(error);
    }
    if (this.#told() !== before) this.#options.changed();
    this.#schedule();
  }

  async #begin(demand: Demand): Promise<void> {
    const { commands, folder, marks } = this.#options;
    this.#engine = demand.encrypts ? await findEngine(commands, marks.wireguard.device) : undefined;
    if (this.#engine !== undefined) this.#key ??= await keyIn(folder);
    this.#judged = undefined;
    await this.#step(demand);
    this.#demand = demand;
  }

  async #step(demand: Demand): Promise<void> {
    this.#next = await nextKeyIn(this.#options.folder);
    if (this.#engine !== undefined) await this.#look(demand.othersChange || this.#next !== undefined);
    await this.#changeKey(demand);
    await this.#untangle();
  }

  async #look(isChanging: boolean): Promise<void> {
    const { kernel, marks, clock, unixSeconds } = this.#options;
    const at = { now: clock.now(), epoch: unixSeconds() };
    const devices = devicesFor(isChanging, marks);
    if (this.#judged === undefined) {
      this.#judged = await firstLook(kernel, devices, at);
      return;
    }
    const judged = new Map<string, ReadonlyMap<string, Tunnel>>();
    for (const device of devices)
      judged.set(device, judge(this.#judgedOn(device), await kernel.traffic(device), at));
    this.#judged = judged;
  }

  /** Whether the kernel holds what is planned after it is for the next look to say, and to mend. */
  async #untangle(): Promise<void> {
    const { kernel, marks, changed, failed, renewed } = this.#options;
    const publicKey = this.#key?.publicKey;
    if (publicKey === undefined) return;
    const onDetour = ownKey({ publicKey, nextPublicKey: this.#nextPublicKey });
    for (const [device, tunnels] of this.judged) {
      const crossed = crossedPeers(tunnels, device === marks.wireguard.device ? publicKey : onDetour);
      if (crossed.size === 0) continue;
      renewed(device, crossed);
      await kernel.renewPeers(device, crossed).catch(failed);
      changed();
    }
  }

  async #changeKey({ encrypts, othersChange, elsewhere }: Demand): Promise<void> {
    const { folder, clock, marks, announced, stepped } = this.#options;
    const { device, detour } = marks.wireguard;
    const isTaken = this.#next?.publicKey === this.#key?.publicKey;
    const before = this.#change;
    const step = nextStep(
      before,
      {
        next: this.#next === undefined ? 'none' : isTaken ? 'taken' : 'asked',
        encrypts: encrypts && this.#engine !== undefined,
        othersChange,
        elsewhere,
        isAnnounced: this.#next !== undefined && this.#next.publicKey === announced(),
        first: this.#judgedOn(device),
        detour: this.#judgedOn(detour.device),
      },
      clock.now(),
    );
    if (step === 'take') {
      this.#key = await takeNextKey(folder);
      this.#change = { phase: 'returning', since: clock.now() };
      this.#judged = this.#judgedWith(device, tunnels => withAnotherKey(tunnels, clock.now()));
    } else if (step === 'drop') {
      await dropNextKey(folder);
      this.#change = undefined;
      this.#next = undefined;
    } else {
      this.#change = step;
    }
    const phase = this.#change?.phase;
    if (phase === before?.phase) return;
    // With the present key the detour was there for others.
    if (phase === 'announced' && before?.phase === 'waiting')
      this.#judged = this.#judgedWith(detour.device, tunnels => withAnotherKey(tunnels, clock.now()));
    stepped(phase ?? 'done');
  }

  #told(): string {
    const { publicKey, nextPublicKey, answering = [], answeringOnDetour = [] } = this.#local ?? {};
    const known = [[...answering].sort(), [...answeringOnDetour].sort()];
    return JSON.stringify([publicKey, nextPublicKey, this.published, known]);
  }
}
