/** A part of a rule in nftables' own JSON (libnftables-json(5)). */
export type Expression = Readonly<Record<string, unknown>>;

/** Of IP. */
export const VERSIONS = ['4', '6'] as const;

export type Version = (typeof VERSIONS)[number];

/** Says for how many packets, too. */
export const drop: readonly Expression[] = [{ counter: { packets: 0, bytes: 0 } }, { drop: null }];

/** Rules behind it are not asked any more, wherever that chain ends. */
export function goto(target: string): Expression {
  return { goto: { target } };
}

/** Of a packet. Rules with it hold for none of the other version. */
export function addressOf(version: Version, field: 'saddr' | 'daddr'): Expression {
  return { payload: { protocol: version === '4' ? 'ip' : 'ip6', field } };
}

export function prefix(addr: string, len: number): Expression {
  return { prefix: { addr, len } };
}

export function equal(left: Expression, right: unknown): Expression {
  return { match: { op: '==', left, right } };
}

export function differ(left: Expression, right: unknown): Expression {
  return { match: { op: '!=', left, right } };
}
