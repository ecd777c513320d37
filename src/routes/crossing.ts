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
  /** Whether the other one has been heard since the look before, though there is no session. */
  readonly hasAsked: boolean;
  /** Whether it has to be put anew now. */
  readonly isStuck: boolean;
  /** How often that has come to no session. */
  readonly times: number;
  /** Milliseconds of a clock that never goes back, until which it is left alone. */
  readonly notBefore: number;
}

/** A way that leads in one direction only looks the same from one of its ends. */
const PAUSE = { first: 10_000, most: 300_000 } as const;
/** For which the news of another key may be on their way. */
const NEWS = 5_000;
/** One end is enough. The other may have no agent just now, or one that knows nothing of this. */
const TIMES_FOR_OTHER_END = 2;
/** All at once, thousands of handshakes would take longer than until the next look. */
const MOST_AT_ONCE = 500;
const NONE: Crossing = { hasAsked: false, isStuck: false, times: 0, notBefore: 0 };

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
  const { hasAsked, times, notBefore } = before ?? NONE;
  if (!hasAsked || now < notBefore) return { hasAsked: isHeard, isStuck: false, times, notBefore };
  const pause = Math.min(PAUSE.first * 2 ** times, PAUSE.most);
  return { hasAsked: false, isStuck: true, times: times + 1, notBefore: now + pause };
}

/** Of a peer that was made anew, be it because of this. */
export function crossingAnew(before: Crossing | undefined): Crossing | undefined {
  return before && { ...before, hasAsked: false, isStuck: false };
}

/** Of a peer that has to hear of another key of this end first: what it sends until then is no asking. */
export function crossingLater(now: number): Crossing {
  return { ...NONE, notBefore: now + NEWS };
}

/**
 * The public keys of peers that this end is to put anew: one of both ends is to begin, and the other sees to it where
 * that comes to nothing.
 *
 * @param own public key of this end on the device
 */
export function crossedPeers(
  tunnels: ReadonlyMap<string, { readonly crossing: Crossing | undefined }>,
  own: string,
): Set<string> {
  const stuck: string[] = [];
  for (const [key, { crossing }] of tunnels)
    if (crossing?.isStuck === true && (key < own || crossing.times > TIMES_FOR_OTHER_END)) stuck.push(key);
  return new Set(stuck.slice(0, MOST_AT_ONCE));
}
