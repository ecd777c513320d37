import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CausewayError, messageOf } from '../base/errors.ts';
import type { Commands, Outcome } from '../kernel/commands.ts';
import { type BirdConfig, FINGERPRINT } from '../routes/bgp/bird-config.ts';
import { readSessions, type SessionState } from '../routes/bgp/bird-sessions.ts';
import type { Marks } from '../routes/model.ts';

export interface BirdParts {
  readonly commands: Commands;
  /**
   * Where its configuration, control socket, process id and log lie. Short: the path of a socket has 107 characters at
   * most. Best on a file system that outlives this process, whose successor looks for the daemon there.
   */
  readonly folder: string;
  readonly marks: Marks;
}

/** What `birdc` says where no daemon listens, or one ends that did. */
const GONE = /Unable to connect to server control socket|Server read error|Connection closed by server/;
/** Milliseconds for which one that was asked to end is waited for. */
const ENDING = 5_000;
const PAUSE = 50;
/** As much of what a program said as stands in a message. */
const SHOWN = 300;
/** `proto` of its routes. */
const PROTOCOL = '12';

/**
 * The BGP daemon (BIRD 2) of the network that this process is in. It is a process of its own: routes and sessions stay
 * while this one is replaced, and what is known of it is what it answers.
 */
export class Bird {
  readonly #commands: Commands;
  readonly #folder: string;
  readonly #marks: Marks;

  constructor({ commands, folder, marks }: BirdParts) {
    this.#commands = commands;
    this.#folder = folder;
    this.#marks = marks;
  }

  get logFile(): string {
    return this.#file('log');
  }

  /**
   * The fingerprint of the configuration that it runs by; empty where that is none of ours; undefined where it does not
   * run.
   * @throws CausewayError BGP_DAEMON_FAILED where there is no BIRD, or it does not answer
   */
  async running(): Promise<string | undefined> {
    const answer = await this.#ask(['eval', FINGERPRINT]);
    return answer === undefined ? undefined : (/^([0-9a-z]+)$/m.exec(lastLine(answer))?.[1] ?? '');
  }

  /** How its sessions stand; none where it does not run. */
  async sessions(): Promise<SessionState[]> {
    return readSessions((await this.#ask(['show', 'protocols', 'all'])) ?? '');
  }

  /** Whether a configuration lies ready that it ran by before. */
  async hasConfig(): Promise<boolean> {
    return (await this.#files()).includes('bird.conf');
  }

  /** Starts it by the configuration, or by the one that lies ready. */
  async start(config?: BirdConfig): Promise<void> {
    if (config !== undefined) await this.#write(config);
    const files = ['-c', this.#file('conf'), '-s', this.#file('ctl'), '-P', this.#file('pid')];
    // Its routes of before are in use: it shall know all sessions again before it takes any away (RFC 4724).
    const recover = (await this.#hasRoutes()) ? ['-R'] : [];
    const { code, errors } = await this.#run('bird', [...files, ...recover]);
    if (code !== 0) throw failed('starting BIRD', errors);
  }

  /** Has it run by another configuration. Sessions that are the same in both stay up. */
  async configure(config: BirdConfig): Promise<void> {
    await this.#write(config);
    const answer = (await this.#ask(['configure'])) ?? 'it is gone';
    if (!/^Reconfigur/m.test(answer)) throw failed('giving BIRD a new configuration', answer);
  }

  /** Ends it and takes its routes away. Harmless where there is none. */
  async end(): Promise<void> {
    if (await this.hasConfig()) {
      await this.#ask(['down']);
      for (let waited = 0; (await this.running()) !== undefined; waited += PAUSE) {
        if (waited >= ENDING) throw failed('ending BIRD', 'it still answers');
        await sleep(PAUSE);
      }
      await rm(this.#file('conf'), { force: true });
    }
    const table = String(this.#marks.bgp.table);
    for (const family of ['-4', '-6'])
      await this.#run('ip', [family, 'route', 'flush', 'table', table, 'proto', PROTOCOL]);
  }

  async #hasRoutes(): Promise<boolean> {
    const table = String(this.#marks.bgp.table);
    const asked = ['-4', '-6'].map(family =>
      this.#run('ip', ['-N', '-j', family, 'route', 'show', 'table', table, 'proto', PROTOCOL]),
    );
    return (await Promise.all(asked)).some(({ code, output }) => code === 0 && output.includes('"dst"'));
  }

  async #write({ text }: BirdConfig): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.#file('conf');
    // There may be passwords in it.
    await writeFile(`${path}.new`, text, { mode: 0o600 });
    await chmod(`${path}.new`, 0o600);
    await rename(`${path}.new`, path);
  }

  /** Undefined where no daemon answers because none is there. */
  async #ask(words: readonly string[]): Promise<string | undefined> {
    const { code, output, errors } = await this.#run('birdc', ['-s', this.#file('ctl'), ...words]);
    const said = `${output}${errors}`;
    if (GONE.test(said)) return undefined;
    if (code !== 0) throw failed(`asking BIRD to ${words.join(' ')}`, said);
    return said;
  }

  async #run(program: string, args: readonly string[]): Promise<Outcome> {
    try {
      return await this.#commands.run(program, args);
    } catch (error) {
      throw failed(`running ${program}`, messageOf(error));
    }
  }

  async #files(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
    } catch {
      return [];
    }
  }

  #file(kind: 'conf' | 'ctl' | 'pid' | 'log'): string {
    return join(this.#folder, `bird.${kind}`);
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

function failed(what: string, found: string): CausewayError {
  const message = `${what}: ${found.trim().slice(-SHOWN)}; BGP needs BIRD 2 (the package bird2), and CAP_NET_ADMIN`;
  return new CausewayError('BGP_DAEMON_FAILED', message);
}
