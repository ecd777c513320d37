/**
 * Two ends of a tunnel that ask each other for a session at once, each before it hears the other ask. wireguard-go has
 * room for one handshake with a peer, and to answer another's gives up its own: both answer, and neither can use an
 * answer. Five seconds later both try again, and neither is late: what is drawn at random for that moment (the
 * WireGuard paper, section 6.1) comes after the next keepalive, or packet, which asks as well. So over a way of some
 * milliseconds they go on for ever, and each hears the other.
 *
 * The one way out of it that a device offers: one end forgets the other, and asks when it learns of it anew.
 */
export interface Crossing {
  /** Whether the other one has been heard to ask, though there is no session yet. */
  readonly isHeard: boolean;
  /** Whether it has to be put anew now. */
  readonly isStuck: boolean;
  /** How often it has been, without coming to a session. */
  readonly times: number;
  /** Milliseconds of a clock that never goes back, until which it is left alone. */
  readonly notBefore: number;
}

/** A way that leads in one direction only looks the same from one of its ends, and stays as it is. */
const PAUSE = { first: 10_000, most: 300_000 } as const;
const NONE: Crossing = { isHeard: false, isStuck: false, times: 0, notBefore: 0 };

/**
 * What is known of it after another sample; undefined: there is a session. An answer that is on its way is not mistaken
 * for it: who has asked by one sample has a session by the next.
 */
export function nextCrossing(
  before: Crossing | undefined,
  { hasSession, isHeard }: { readonly hasSession: boolean; readonly isHeard: boolean },
  now: number,
): Crossing | undefined {
  if (hasSession) return undefined;
  const { isHeard: wasHeard, times, notBefore } = before ?? NONE;
  if (!wasHeard || now < notBefore) return { isHeard: wasHeard || isHeard, isStuck: false, times, notBefore };
  const pause = Math.min(PAUSE.first * 2 ** times, PAUSE.most);
  return { isHeard: false, isStuck: true, times: times + 1, notBefore: now + pause };
}

/**
 * The public keys of peers that this end is to put anew. The other end decides the same of us, and one of both is
 * enough.
 *
 * @param own public key of this end on the device
 */
export function crossedPeers(
  tunnels: ReadonlyMap<string, { readonly crossing: Crossing | undefined }>,
  own: string,
): Set<string> {
  const stuck = [...tunnels].filter(([key, { crossing }]) => crossing?.isStuck === true && key < own);
  return new Set(stuck.map(([key]) => key));
}
