import { messageOf } from '../base/errors.ts';
import type { Operation } from '../routes/diff.ts';
import { readTunnel } from '../routes/read-wg.ts';
import { type WireGuardBatch, wireGuardBatch } from '../routes/render-wg.ts';
import { runOrThrow } from './ask.ts';
import type { Commands } from './commands.ts';

/** What a program of WireGuard's would not do. */
interface Refused {
  readonly what: string;
  readonly message: string;
}

/** As many peers as one command line takes. */
const AT_ONCE = 500;
/** Where `wg` looks for processes that make devices. */
const SOCKETS = '/var/run/wireguard';

/** The file of the private key that belongs to a public one; undefined where there is none. */
export type KeyFileOf = (publicKey: string) => Promise<string | undefined>;

/** A WireGuard device by `wg`, whether it is the kernel's or a process's. */
export class WireGuard {
  readonly #commands: Commands;
  readonly #device: string;
  readonly #keyFileOf: KeyFileOf;
  #last: Promise<unknown> = Promise.resolve();

  constructor(commands: Commands, device: string, keyFileOf: KeyFileOf) {
    this.#commands = commands;
    this.#device = device;
    this.#keyFileOf = keyFileOf;
  }

  /**
   * What `wg show ... dump` prints, in which the private key is: it must get into no log. Undefined where nobody
   * answers for the device.
   */
  async dump(): Promise<string | undefined> {
    const { code, output } = await runOrThrow(this.#commands, 'wg', ['show', this.#device, 'dump']);
    return code === 0 ? output : undefined;
  }

  /**
   * Starts the process that makes the device. It goes on by itself, so that tunnels outlive the agent, and ends when
   * the device is deleted. One that hangs may still hold the socket, of which a new one would keep away.
   */
  async start(): Promise<Refused[]> {
    const swept = await this.#refused('rm', ['-f', `${SOCKETS}/${this.#device}.sock`]);
    const refused = await this.#refused('wireguard-go', [this.#device]);
    // It returns before its child has given the device an MTU of its own choice, and that answers afterwards.
    if (refused.length === 0) await this.dump();
    return [...swept, ...refused];
  }

  /**
   * Takes peers away and puts them back as they are: what was between them and this end begins anew. One that is not
   * there, or not any more, stays away.
   */
  renew(publicKeys: ReadonlySet<string>): Promise<Refused[]> {
    return this.#inTurn(async () => {
      const there = readTunnel((await this.dump()) ?? '', this.#device);
      const peers = there.filter(entry => entry.kind === 'peer' && publicKeys.has(entry.publicKey));
      if (peers.length === 0) return [];
      const operations = peers.map((entry): Operation => ({ verb: 'put', entry }));
      const batch = (program: 'wg remove' | 'wg addconf') =>
        wireGuardBatch(program, operations, this.#device);
      return [...(await this.#carryOut(batch('wg remove'))), ...(await this.#carryOut(batch('wg addconf')))];
    });
  }

  carryOut(batch: WireGuardBatch): Promise<Refused[]> {
    return this.#inTurn(() => this.#carryOut(batch));
  }

  /** Who puts back what was there must not do so after somebody has taken it away for good. */
  #inTurn(work: () => Promise<Refused[]>): Promise<Refused[]> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => {});
    return done;
  }

  async #carryOut(batch: WireGuardBatch): Promise<Refused[]> {
    const { device } = batch;
    switch (batch.program) {
      case 'wg set': {
        const file = await this.#keyFileOf(batch.publicKey);
        if (file === undefined)
          return [{ what: 'wg set', message: `there is no private key of ${batch.publicKey}` }];
        return this.#refused('wg', ['set', device, 'private-key', file, 'listen-port', String(batch.port)]);
      }
      case 'wg addconf':
        return this.#refused('wg', ['addconf', device, '/dev/stdin'], batch.configuration);
      case 'wg remove':
        return this.#remove(batch.publicKeys);
    }
  }

  async #remove(publicKeys: readonly string[]): Promise<Refused[]> {
    const refused: Refused[] = [];
    for (let start = 0; start < publicKeys.length; start += AT_ONCE) {
      const peers = publicKeys.slice(start, start + AT_ONCE).flatMap(key => ['peer', key, 'remove']);
      refused.push(...(await this.#refused('wg', ['set', this.#device, ...peers])));
    }
    return refused;
  }

  async #refused(program: string, args: readonly string[], input?: string): Promise<Refused[]> {
    const what = `${program} ${args.slice(0, 2).join(' ')}`;
    try {
      const { code, errors } = await this.#commands.run(program, args, input);
      return code === 0 ? [] : [{ what, message: withoutBanner(errors) }];
    } catch (error) {
      return [{ what, message: messageOf(error) }];
    }
  }
}

/** On every start wireguard-go draws a box around the advice to use the kernel's instead. */
function withoutBanner(errors: string): string {
  return errors
    .split('\n')
    .filter(line => !/^[┌│└]/.test(line))
    .join('\n')
    .trim();
}
