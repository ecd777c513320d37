import { type HealthLimits, type HealthState, type Observation, step } from './health.ts';
import { isServing, type RemoteFacts, type RouteFacts } from './remote-conditions.ts';
import { factsOfFault } from './remote-fault.ts';

/**
 * Refusals in a row that are believed: an API server that has just started refuses everybody, until it has read its
 * roles.
 */
const REFUSALS = 5;

/** ExportedServices that could not be read, told by name; more than these are only counted. */
const NAMED = 3;
const KEPT = 1_000;

/** What is known of the connection to one remote cluster. Pure bookkeeping: whoever learns something says so. */
export class RemoteReport {
  readonly #limits: HealthLimits;
  readonly #routes: () => RouteFacts | undefined;
  #health: HealthState;
  #fault: Pick<RemoteFacts, 'contact' | 'sync'> = {
    contact: { reason: 'Connecting' },
    sync: { reason: 'Syncing' },
  };
  #connected = false;
  /** Whether there are lists at all: without them nothing is unsynced either. */
  #reading = false;
  readonly #unsynced = new Set<string>();
  /** Lists that the credential need not let us read, and how often in a row we were found to be refused. */
  readonly #optional = new Map<string, number>();
  /** By informer, the reason why it is stale. */
  readonly #stale = new Map<string, Error>();
  /** By name, what is wrong with it. */
  readonly #unreadable = new Map<string, string>();

  /** @param routes what is known of the routes to the cluster; undefined: nobody wants any */
  constructor(
    limits: HealthLimits,
    health: HealthState,
    routes: () => RouteFacts | undefined = () => undefined,
  ) {
    this.#limits = limits;
    this.#routes = routes;
    this.#health = health;
  }

  get health(): HealthState {
    return this.#health;
  }

  get facts(): RemoteFacts {
    const routes = this.#routes();
    return {
      ...this.#findings(),
      health: this.#health,
      limits: this.#limits,
      ...(routes === undefined ? {} : { routes: this.#connected ? routes : unheard(routes) }),
    };
  }

  /** Whether traffic may go to the cluster. */
  get serving(): boolean {
    return isServing(this.facts);
  }

  /** Whether all that the cluster publishes has been read at least once since connecting. */
  get allListed(): boolean {
    const missing = [...this.#unsynced];
    return this.#reading && missing.every(list => (this.#optional.get(list) ?? 0) >= REFUSALS);
  }

  /** It was asked whether it is there. */
  observed(observation: Omit<Observation, 'current'>): void {
    this.#health = step(this.#health, { ...observation, current: this.#current }, this.#limits);
    for (const [list, refusals] of this.#optional) {
      this.#optional.set(list, this.#isRefused(list) ? refusals + 1 : 0);
    }
  }

  /** A list that was refused from the start has nothing to get out of date. */
  get #current(): boolean {
    const followed = [...this.#stale.keys()].filter(list => !this.#unsynced.has(list));
    return this.#reading && followed.length === 0 && [...this.#unsynced].every(list => this.#isRefused(list));
  }

  #isRefused(list: string): boolean {
    return factsOfFault(this.#stale.get(list)).sync.reason === 'CredentialRefused';
  }

  /** It answers, and it is the cluster that it shall be; these lists are read from it now. */
  connected(lists: readonly string[], optional: readonly string[] = []): void {
    this.#connected = true;
    this.#optional.clear();
    for (const list of optional) this.#optional.set(list, 0);
    this.#reading = true;
    for (const list of lists) this.#unsynced.add(list);
    // What is read now tells of each that cannot be read anew.
    this.#unreadable.clear();
  }

  /** Asking it failed. */
  failed(fault: unknown): void {
    this.#connected = false;
    this.#fault = factsOfFault(fault);
  }

  /** Asking it works again. */
  answered(): void {
    this.#connected = true;
  }

  listed(list: string): void {
    this.#unsynced.delete(list);
  }

  stale(list: string, reason: Error): void {
    this.#stale.set(list, reason);
  }

  fresh(list: string): void {
    this.#stale.delete(list);
  }

  unreadable(name: string, fault: string): void {
    if (this.#unreadable.size < KEPT || this.#unreadable.has(name)) this.#unreadable.set(name, fault);
  }

  readable(name: string): void {
    this.#unreadable.delete(name);
  }

  #findings(): Pick<RemoteFacts, 'contact' | 'sync'> {
    if (!this.#connected) return this.#fault;
    const isMissed = (list: string) => !(this.#optional.has(list) && this.#isRefused(list));
    const stale = [...this.#stale].find(([list]) => isMissed(list));
    if (stale !== undefined) return factsOfFault(stale[1]);
    if ([...this.#unsynced].some(isMissed))
      return { contact: { reason: 'Answering' }, sync: { reason: 'Syncing' } };
    if (this.#unreadable.size === 0) return { contact: { reason: 'Answering' }, sync: { reason: 'Synced' } };
    return {
      contact: { reason: 'Answering' },
      sync: { reason: 'NewerSchema', found: this.#unreadableText() },
    };
  }

  #unreadableText(): string {
    const named = [...this.#unreadable].slice(0, NAMED).map(([name, fault]) => `${name} (${fault})`);
    const more = this.#unreadable.size > NAMED ? ' and more' : '';
    return `ExportedServices that cannot be read: ${named.join('; ')}${more}`;
  }
}

/** While the cluster gives no answer its nodes are not read either, whatever their list said last. */
function unheard(routes: RouteFacts): RouteFacts {
  return { ...routes, nodes: { reason: 'Unreached' } };
}
