import { randomUUID } from 'node:crypto';
import type { ApiStore } from './api-store.ts';
import { Refusal } from './api-writes.ts';

interface Given {
  readonly namespace: string;
  readonly name: string;
  /** Of the account: one that comes back under its name is another one. */
  readonly uid: string | undefined;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/** Seconds. */
const SHORTEST = 600;

/** Tokens of service accounts, as an API server gives them out (TokenRequest) and knows them again. */
export class Accounts {
  /** Seconds; what is asked for beyond that is cut (`--service-account-max-token-expiration`). */
  longest = Number.POSITIVE_INFINITY;
  readonly #store: ApiStore;
  readonly #wall: () => number;
  readonly #given = new Map<string, Given>();

  /** @param wall milliseconds since the epoch */
  constructor(store: ApiStore, wall: () => number) {
    this.#store = store;
    this.#wall = wall;
  }

  /** The answer to a TokenRequest. */
  answer(namespace: string, name: string, body: object): object {
    const { expirationSeconds = 3_600 } = Object(Object(body).spec);
    if (expirationSeconds < SHORTEST) {
      throw new Refusal(
        422,
        'Invalid',
        'spec.expirationSeconds: may not specify a duration less than 10 minutes',
      );
    }
    const seconds = Math.min(expirationSeconds, this.longest);
    const token = this.issue(namespace, name, seconds);
    const until = this.#given.get(token)?.until ?? 0;
    return { ...body, status: { token, expirationTimestamp: new Date(until).toISOString() } };
  }

  /** A token, of any life: `age` says how many of its seconds are over. */
  issue(namespace: string, name: string, seconds: number, age = 0): string {
    const uid = this.#uidOf(namespace, name);
    if (uid === undefined) throw new Refusal(404, 'NotFound', `serviceaccounts "${name}" not found`);
    const iat = Math.floor(this.#wall() / 1_000) - age;
    const exp = iat + seconds;
    const sub = `system:serviceaccount:${namespace}:${name}`;
    const parts = [{ alg: 'none' }, { sub, iat, exp, jti: randomUUID() }];
    const encoded = parts.map(part => Buffer.from(JSON.stringify(part)).toString('base64url'));
    const token = [...encoded, 'unsigned'].join('.');
    this.#given.set(token, { namespace, name, uid, until: exp * 1_000 });
    return token;
  }

  knows(token: string): boolean {
    const given = this.#given.get(token);
    if (given === undefined || given.until <= this.#wall()) return false;
    return given.uid === this.#uidOf(given.namespace, given.name);
  }

  #uidOf(namespace: string, name: string): string | undefined {
    return this.#store.get('/serviceaccounts', namespace, name)?.metadata.uid;
  }
}
