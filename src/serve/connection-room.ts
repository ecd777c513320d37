/** How many connections there may be. */
export interface RoomLimits {
  readonly connections: number;
  readonly connectionsPerClient: number;
}

interface Place<Connection> {
  readonly connection: Connection;
  /** The client's. */
  readonly address: string;
  lastActive: number;
}

/**
 * The connections of a server, and room for the next one. Over a limit the one that has been silent longest is put out,
 * never the newcomer refused: clients that only hold a connection must not keep the next one from its answer.
 */
export class ConnectionRoom<Connection> {
  readonly #limits: RoomLimits;
  readonly #evict: (connection: Connection) => void;
  readonly #places = new Map<Connection, Place<Connection>>();
  readonly #byClient = new Map<string, Set<Place<Connection>>>();
  /** Orders connections by their last message without reading a clock for each. */
  #ticks = 0;

  /** @param evict closes a connection, whose place is free already */
  constructor(limits: RoomLimits, evict: (connection: Connection) => void) {
    this.#limits = limits;
    this.#evict = evict;
  }

  /** Connections open now. */
  get size(): number {
    return this.#places.size;
  }

  /** As they are now: they may leave while they are gone through. */
  get all(): Connection[] {
    return [...this.#places.keys()];
  }

  enter(connection: Connection, address: string): void {
    this.#makeRoom(address);
    const place = { connection, address, lastActive: this.#tick() };
    this.#places.set(connection, place);
    const ofClient = this.#byClient.get(address);
    if (ofClient === undefined) this.#byClient.set(address, new Set([place]));
    else ofClient.add(place);
  }

  /** To be called for each message. */
  active(connection: Connection): void {
    const place = this.#places.get(connection);
    if (place !== undefined) place.lastActive = this.#tick();
  }

  /** Harmless where it has left before. */
  leave(connection: Connection): void {
    const place = this.#places.get(connection);
    if (place === undefined) return;
    this.#places.delete(connection);
    const ofClient = this.#byClient.get(place.address);
    ofClient?.delete(place);
    if (ofClient?.size === 0) this.#byClient.delete(place.address);
  }

  #makeRoom(address: string): void {
    const { connections, connectionsPerClient } = this.#limits;
    const ofClient = this.#byClient.get(address);
    if (ofClient !== undefined && ofClient.size >= connectionsPerClient)
      this.#putOut(longestSilent(ofClient));
    else if (this.#places.size >= connections) this.#putOut(longestSilent(this.#places.values()));
  }

  #putOut(place: Place<Connection> | undefined): void {
    if (place === undefined) return;
    this.leave(place.connection);
    this.#evict(place.connection);
  }

  #tick(): number {
    this.#ticks += 1;
    return this.#ticks;
  }
}

// A scan of at most a few thousand, and only where a limit is reached, against two ordered lists kept for every query.
function longestSilent<Connection>(places: Iterable<Place<Connection>>): Place<Connection> | undefined {
  let longest: Place<Connection> | undefined;
  for (const place of places) {
    if (longest === undefined || place.lastActive < longest.lastActive) longest = place;
  }
  return longest;
}
