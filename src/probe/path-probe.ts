import type { Clock } from '../base/clock.ts';
import type { DataPath } from '../objects/node-annotations.ts';
import { askedOf, type Path } from '../paths/choice.ts';
import { sizeOf } from '../paths/size.ts';
import type { Target } from '../paths/target.ts';
import {
  heard,
  judged,
  lost,
  type PathState,
  type ProbeKind,
  refused,
  watched,
  withoutPause,
} from '../paths/verdict.ts';
import type { Asker } from './asker.ts';
import { PathCounts, type TargetReading, TargetRecord } from './records.ts';

export interface PathProbeOptions {
  readonly clock: Clock;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** 64 bits that nobody can guess. */
  readonly nonce: () => bigint;
  readonly asker: Asker;
  readonly path: Path;
  /** What was said of it before. */
  readonly verdict: DataPath | undefined;
  /** Called when its verdict has changed. */
  readonly changed: (path: PathProbe) => void;
}

interface Pending {
  readonly record: TargetRecord;
  readonly kind: ProbeKind;
  readonly size: number;
  readonly asked: number;
  late: boolean;
}

/** Milliseconds, give or take a tenth so that nodes do not ask in step. */
const INTERVAL = 1_000;
/** Before the next questions are due, so that those unanswered count by then. */
const LATE = 800;
/** A late answer is still one: the path is slow, not dead. */
const FORGOTTEN = 3_000;
/** A connection costs as much as ten datagrams, so there is one every other time. */
const STREAM_TURNS = 2;
/** A look that comes so much too late was not this path's fault. */
const PAUSE = 500;

/**
 * Asks a few nodes over one path once a second: all of them by a small datagram, and one after the other by a large one
 * and, every other second, by a stream, which cost more.
 */
export class PathProbe {
  readonly counts = new PathCounts();
  readonly #options: PathProbeOptions;
  readonly #pending = new Map<bigint, Pending>();
  #path: Path;
  #records = new Map<string, TargetRecord>();
  #asked: readonly TargetRecord[] = [];
  #state: PathState;
  #turn = 0;
  #due: number;
  #cancel: () => void;

  constructor(options: PathProbeOptions) {
    const { clock, random, path, verdict } = options;
    this.#options = options;
    this.#path = path;
    this.#state = watched(clock.now(), verdict);
    const wait = random() * INTERVAL;
    this.#due = clock.now() + wait;
    this.#cancel = clock.after(wait, () => this.#look());
  }

  get path(): Path {
    return this.#path;
  }

  get state(): PathState {
    return this.#state;
  }

  /** The nodes that are asked now. */
  get readings(): TargetReading[] {
    return this.#asked.map(record => record.reading(this.#options.clock.now()));
  }

  /** Of the same cluster and family; who is asked on keeps what is known of it. */
  follow(path: Path): void {
    this.#path = path;
  }

  answered(address: string, size: number, nonce: bigint): void {
    const pending = this.#pending.get(nonce);
    if (pending === undefined || pending.size !== size || pending.record.target.address !== address) return;
    this.#pending.delete(nonce);
    this.#heard(pending.record, pending.kind, this.#options.clock.now() - pending.asked, pending.late);
  }

  stop(): void {
    this.#cancel();
    this.#pending.clear();
  }

  #look(): void {
    const { clock, random } = this.#options;
    const now = clock.now();
    if (now - this.#due > PAUSE) {
      this.#state = withoutPause(this.#state, now - this.#due);
      this.#pending.clear();
    }
    this.#missLate(now);
    this.#judge(now);
    this.#ask(now);
    const wait = INTERVAL * (0.9 + 0.2 * random());
    this.#due = now + wait;
    this.#cancel = clock.after(wait, () => this.#look());
  }

  #judge(now: number): void {
    const before = this.#state;
    this.#state = judged(before, now);
    if (this.#state.verdict !== before.verdict) this.#options.changed(this);
  }

  #missLate(now: number): void {
    for (const [nonce, pending] of this.#pending) {
      if (now - pending.asked >= FORGOTTEN) this.#pending.delete(nonce);
      if (pending.late || now - pending.asked < LATE) continue;
      pending.late = true;
      this.#lost(pending.record, pending.kind);
    }
  }

  #ask(now: number): void {
    const records = new Map<string, TargetRecord>();
    const isSilent = (target: Target): boolean => this.#records.get(target.address)?.isSilent === true;
    for (const target of askedOf(this.#path, isSilent)) {
      const known = this.#records.get(target.address);
      records.set(target.address, known?.of(target) ?? new TargetRecord(target));
    }
    this.#records = records;
    this.#asked = [...records.values()];
    for (const record of this.#asked) this.#datagram(record, 'small', now);
    const sound = this.#asked.filter(record => !record.isSilent);
    const candidates = sound.length > 0 ? sound : this.#asked;
    const turn = this.#turn;
    this.#turn += 1;
    const large = candidates[turn % candidates.length];
    if (large !== undefined) this.#datagram(large, 'large', now);
    if (turn % STREAM_TURNS !== 0) return;
    const stream = candidates[(turn / STREAM_TURNS) % candidates.length];
    if (stream !== undefined && !stream.streaming) void this.#stream(stream, now);
  }

  #datagram(record: TargetRecord, kind: 'small' | 'large', now: number): void {
    const { asker, nonce: draw } = this.#options;
    const { target } = record;
    const question = { target, nonce: draw(), size: sizeOf(kind, target.family, target.mtu) };
    if (!asker.datagram(question)) return;
    this.#pending.set(question.nonce, { record, kind, size: question.size, asked: now, late: false });
  }

  async #stream(record: TargetRecord, asked: number): Promise<void> {
    const { asker, nonce, clock } = this.#options;
    const { target } = record;
    record.streaming = true;
    const result = await asker.stream({
      target,
      nonce: nonce(),
      size: sizeOf('stream', target.family, target.mtu),
    });
    record.streaming = false;
    if (result === 'answered') this.#heard(record, 'stream', clock.now() - asked, false);
    else if (result === 'lost') this.#lost(record, 'stream');
    else if (result === 'refused') {
      record.refused(clock.now());
      this.counts.add('stream', 'refused');
      this.#state = refused(this.#state, clock.now());
    }
  }

  #heard(record: TargetRecord, kind: ProbeKind, roundTrip: number, late: boolean): void {
    const now = this.#options.clock.now();
    record.heard(kind, now, roundTrip);
    this.#state = heard(this.#state, kind, now);
    if (late) return;
    this.counts.add(kind, 'answered');
    if (kind === 'small') this.counts.measure(roundTrip);
  }

  #lost(record: TargetRecord, kind: ProbeKind): void {
    record.lost(kind);
    this.counts.add(kind, 'lost');
    this.#state = lost(this.#state, kind);
  }
}
