import type { Target } from '../paths/target.ts';
import { KINDS, type ProbeKind } from '../paths/verdict.ts';

export type ProbeResult = 'answered' | 'refused' | 'lost';

/** What came of the probes of one path, since it is watched. */
export class PathCounts {
  readonly #counts = new Map<string, number>();
  /** Of small datagrams, smoothed as TCP smooths it (RFC 6298); milliseconds. */
  roundTrip: number | undefined;

  add(kind: ProbeKind, result: ProbeResult): void {
    const key = `${kind} ${result}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  measure(milliseconds: number): void {
    this.roundTrip = smoothed(this.roundTrip, milliseconds);
  }

  get all(): { readonly kind: string; readonly result: string; readonly count: number }[] {
    return [...this.#counts].map(([key, count]) => {
      const [kind = '', result = ''] = key.split(' ');
      return { kind, result, count };
    });
  }
}

/** What is shown of one node that is asked. */
export interface TargetReading {
  readonly node: string;
  readonly address: string;
  readonly mtu: number;
  readonly silent: boolean;
  /** Milliseconds. */
  readonly roundTrip?: number;
  readonly probes: Readonly<Record<ProbeKind, ProbeReading>>;
}

interface ProbeReading {
  readonly last?: ProbeResult;
  /** Milliseconds since the last answer. */
  readonly heardAgo?: number;
}

/** Unanswered small datagrams in a row that make a node silent. */
const SILENT = 2;

/** What is known of one node that is asked. */
export class TargetRecord {
  /** A stream is under way; there is one at a time. */
  streaming = false;
  #target: Target;
  #roundTrip: number | undefined;
  #lostInRow = 0;
  readonly #last = new Map<ProbeKind, ProbeResult>();
  readonly #heard = new Map<ProbeKind, number>();

  constructor(target: Target) {
    this.#target = target;
  }

  get target(): Target {
    return this.#target;
  }

  get isSilent(): boolean {
    return this.#lostInRow >= SILENT;
  }

  /** The same address, perhaps by a route of another MTU. */
  of(target: Target): this {
    this.#target = target;
    return this;
  }

  heard(kind: ProbeKind, now: number, roundTrip: number): void {
    this.#last.set(kind, 'answered');
    this.#heard.set(kind, now);
    if (kind !== 'small') return;
    this.#lostInRow = 0;
    this.#roundTrip = smoothed(this.#roundTrip, roundTrip);
  }

  lost(kind: ProbeKind): void {
    this.#last.set(kind, 'lost');
    if (kind === 'small') this.#lostInRow += 1;
  }

  refused(now: number): void {
    this.#last.set('stream', 'refused');
    this.#heard.set('stream', now);
  }

  reading(now: number): TargetReading {
    const { name: node, address, mtu } = this.#target;
    const probes = KINDS.map(kind => {
      const [last, time] = [this.#last.get(kind), this.#heard.get(kind)];
      const reading: ProbeReading = {
        ...(last === undefined ? {} : { last }),
        ...(time === undefined ? {} : { heardAgo: Math.round(now - time) }),
      };
      return [kind, reading];
    });
    return {
      node,
      address,
      mtu,
      silent: this.isSilent,
      ...(this.#roundTrip === undefined ? {} : { roundTrip: Math.round(this.#roundTrip * 1_000) / 1_000 }),
      probes: Object.fromEntries(probes),
    };
  }
}

function smoothed(before: number | undefined, value: number): number {
  return before === undefined ? value : before + (value - before) / 8;
}
