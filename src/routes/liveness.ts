import { type Crossing, crossingAnew, crossingLater, nextCrossing } from './crossing.ts';
import type { Entry, PeerEntry, RouteEntry } from './entry.ts';

/** What a WireGuard device says of one peer. */
export interface Traffic {
  /** When both last agreed on a session, in seconds since 1970; 0: never. */
  readonly handshake: number;
  /** Octets since the device was made. */
  readonly received: number;
  readonly sent: number;
}

/** When a sample was taken. */
export interface Moment {
  /** Milliseconds of a clock that never goes back. */
  readonly now: number;
  /** Seconds since 1970. */
  readonly epoch: number;
}

/** What is thought of the tunnel to one peer. */
export interface Tunnel {
  readonly answering: boolean;
  readonly traffic: Traffic;
  /** When something last came. */
  readonly heardAt: number;
  /** What had been sent until then. */
  readonly sentThen: number;
  /** Since when it is as it is; while it does not answer, since when it is heard again without a gap. */
  readonly since: number | undefined;
  /** For how many milliseconds it has to be heard before it answers again. */
  readonly patience: number;
  /** When the last session was agreed on, by the clock that never goes back: the other one may be set. */
  readonly agreedAt: number;
  /** The handshake of a session by a key that this node has no more; 0: there is none. */
  readonly outdated: number;
  readonly crossing: Crossing | undefined;
}

/**
 * Milliseconds for which something is sent and nothing comes. Both ends send a keepalive every 5 s, so that two of them
 * have to be lost for a tunnel that lives to be taken for dead.
 */
const SILENCE = 12_000;
/** A tunnel that comes and goes is waited for longer each time, until it has held. */
const PATIENCE = { first: 30_000, most: 480_000, held: 600_000 } as const;
/**
 * Milliseconds. Sessions are renewed after 120 s and refused after 180 (the WireGuard paper, section 6.1): what is
 * heard from a peer with an older one is its asking for a new one, and the answers do not get there.
 */
const OLDEST_SESSION = 190_000;

/** What is thought of each tunnel after the next sample, by public key. */
export function judge(
  before: ReadonlyMap<string, Tunnel>,
  samples: ReadonlyMap<string, Traffic>,
  at: Moment,
): Map<string, Tunnel> {
  return new Map(Array.from(samples, ([key, traffic]) => [key, next(before.get(key), traffic, at)]));
}

/** The public keys of peers to whose pods the way leads through their tunnels. */
export interface Used {
  readonly here: ReadonlySet<string>;
  /** By the other one of our devices, while a key changes. */
  readonly there: ReadonlySet<string>;
}

/**
 * The same of the first sample in a process's life. A tunnel with a session is taken for good if an agent before this
 * one has used it. If it has not, it saw the tunnel die, which a session outlives by minutes: it has to be heard first.
 * One that was left for the other device need not have died, but may have: to be heard once is enough.
 */
export function judgeFirst(
  samples: ReadonlyMap<string, Traffic>,
  { here, there }: Used,
  at: Moment,
): Map<string, Tunnel> {
  const before = new Map(Array.from(samples, ([key, traffic]) => [key, first(traffic, at)]));
  const left = unheard(before, at.now);
  return new Map(
    Array.from(before, ([key, tunnel]) => {
      if (tunnel.traffic.handshake === 0 || here.has(key)) return [key, tunnel];
      return [key, (there.has(key) ? left.get(key) : undefined) ?? failed(tunnel, at)];
    }),
  );
}

/** Whether something comes by the tunnel, be it for no time yet: for whom there is no better way. */
export function isHeard({ answering, since }: Tunnel): boolean {
  return answering || since !== undefined;
}

/**
 * The public keys of peers of a device to whose blocks, as far as there are routes to them, the first route is that
 * through another, or the same.
 */
export function usedPeers(entries: Iterable<Entry>, device: string, through: string): Set<string> {
  const all = [...entries];
  const firstRoutes = new Map<string, RouteEntry>();
  for (const entry of all) {
    // What a daemon has learnt is asked after ours.
    if (entry.kind !== 'route' || entry.table !== undefined) continue;
    const before = firstRoutes.get(entry.destination);
    if (before === undefined || entry.metric < before.metric) firstRoutes.set(entry.destination, entry);
  }
  const isUsed = ({ allowedIPs }: PeerEntry): boolean => {
    const routes = allowedIPs.split(',').flatMap(block => firstRoutes.get(block) ?? []);
    return routes.length > 0 && routes.every(route => route.device === through);
  };
  const used = all.filter(entry => entry.kind === 'peer' && entry.device === device && isUsed(entry));
  return new Set((used as PeerEntry[]).map(({ publicKey }) => publicKey));
}

/** What is thought of tunnels that have to be heard anew, be it by the sessions that there are. */
function unheard(judged: ReadonlyMap<string, Tunnel>, now: number): Map<string, Tunnel> {
  const anew = { answering: false, heardAt: now, since: undefined, patience: 0 };
  return new Map(
    Array.from(judged, ([key, tunnel]) => [key, { ...tunnel, ...anew, sentThen: tunnel.traffic.sent }]),
  );
}

/**
 * The same when the device gets another key. Sessions show as they were, and let in what still comes by them, but
 * nothing can be sent by them any more: only a later one counts. One of the same second is not told from that before it
 * until it is renewed; and a process that starts meanwhile takes what it finds for what it seems.
 */
export function withAnotherKey(judged: ReadonlyMap<string, Tunnel>, now: number): Map<string, Tunnel> {
  return new Map(
    Array.from(unheard(judged, now), ([key, tunnel]) => [
      key,
      { ...tunnel, outdated: tunnel.traffic.handshake, crossing: crossingLater(now) },
    ]),
  );
}

function next(before: Tunnel | undefined, traffic: Traffic, at: Moment): Tunnel {
  if (before === undefined) return first(traffic, at);
  if (wasMadeAnew(before.traffic, traffic)) return madeAnew(before, traffic, at);
  const isHeard = traffic.received > before.traffic.received;
  const heard = isHeard
    ? { heardAt: at.now, sentThen: traffic.sent }
    : { heardAt: before.heardAt, sentThen: before.sentThen };
  const agreedAt = traffic.handshake === before.traffic.handshake ? before.agreedAt : at.now;
  const hasSession = isSession({ ...before, traffic, agreedAt }, at);
  const crossing = nextCrossing(before.crossing, { hasSession, isHeard }, at.now);
  const tunnel = { ...before, ...heard, traffic, agreedAt, crossing };
  const isSilent = traffic.sent > heard.sentThen && at.now - heard.heardAt >= SILENCE;
  const isGood = !isSilent && hasSession;
  if (before.answering) return isGood ? tunnel : failed(tunnel, at);
  if (!isGood) return { ...tunnel, since: undefined };
  const since = before.since ?? (isHeard ? at.now : undefined);
  const isBack = isHeard && since !== undefined && at.now - since >= before.patience;
  return isBack ? { ...tunnel, answering: true, since: at.now } : { ...tunnel, since };
}

/** A tunnel that has a session is taken for good; one that never had any answers with its first. */
function first(traffic: Traffic, at: Moment): Tunnel {
  const agreedAt = at.now - (at.epoch - traffic.handshake) * 1_000;
  const answering = isSession({ traffic, agreedAt, outdated: 0 }, at);
  return {
    answering,
    traffic,
    heardAt: at.now,
    sentThen: traffic.sent,
    since: answering ? at.now : undefined,
    patience: 0,
    agreedAt,
    outdated: 0,
    crossing: undefined,
  };
}

/** Its counters begin anew; so does what is thought of it, but where this end has put it anew itself. */
function madeAnew(before: Tunnel, traffic: Traffic, at: Moment): Tunnel {
  const anew = { ...first(traffic, at), crossing: crossingAnew(before.crossing) };
  if (before.crossing?.isStuck !== true || before.patience === 0) return anew;
  return { ...anew, answering: false, since: undefined, patience: before.patience };
}

function failed(tunnel: Tunnel, { now }: Moment): Tunnel {
  const hasHeld = now - (tunnel.since ?? now) >= PATIENCE.held;
  const longer = hasHeld ? 0 : Math.min(tunnel.patience * 2, PATIENCE.most);
  return { ...tunnel, answering: false, since: undefined, patience: Math.max(longer, PATIENCE.first) };
}

function isSession(
  { traffic: { handshake }, agreedAt, outdated }: Pick<Tunnel, 'traffic' | 'agreedAt' | 'outdated'>,
  { now }: Moment,
): boolean {
  return handshake > 0 && handshake !== outdated && now - agreedAt < OLDEST_SESSION;
}

function wasMadeAnew(before: Traffic, { received, sent }: Traffic): boolean {
  return received < before.received || sent < before.sent;
}
