import { messageOf } from '../base/errors.ts';
import type { AddressFamily } from '../base/ip.ts';
import type { Operation } from '../routes/diff.ts';
import { type Entry, joined, type KernelState, type LinkEntry, stateOf } from '../routes/entry.ts';
import type { Traffic } from '../routes/liveness.ts';
import type { Marks } from '../routes/model.ts';
import {
  readAddresses,
  readBGPRoutes,
  readForwarding,
  readLinks,
  readNeighbours,
  readOnLink,
  readRoutes,
  readRules,
} from '../routes/read-ip.ts';
import { readTable } from '../routes/read-nft.ts';
import { readTraffic, readTunnel } from '../routes/read-wg.ts';
import { type Batch, render } from '../routes/render.ts';
import { ask, NO_FAMILY, runOrThrow, SHOWN, unreadable } from './ask.ts';
import type { Commands, Outcome } from './commands.ts';
import { Listings, type Question } from './listings.ts';
import type { Sysctls } from './sysctls.ts';
import { WireGuard } from './wireguard.ts';

export interface KernelParts {
  readonly commands: Commands;
  readonly sysctls: Sysctls;
  readonly marks: Marks;
  /** Where the private key of the WireGuard device is; absent where there is none. */
  readonly keyFile?: string;
}

/** What the kernel, by the mouth of a program, would not do. */
export interface Refusal {
  /** The line or setting that was refused; of a transaction of nft all of it was. */
  readonly what: string;
  readonly message: string;
}

/** The part of the kernel's state that bears our marks. Nothing else is read, and nothing else is written. */
export class Kernel {
  readonly #commands: Commands;
  readonly #sysctls: Sysctls;
  readonly #marks: Marks;
  readonly #listings: Listings;
  readonly #wireguard: WireGuard;

  constructor({ commands, sysctls, marks, keyFile }: KernelParts) {
    this.#commands = commands;
    this.#sysctls = sysctls;
    this.#marks = marks;
    this.#listings = new Listings(commands);
    this.#wireguard = new WireGuard(commands, marks.wireguard.device, keyFile);
  }

  /**
   * What is there.
   * @param wanted names the settings of the kernel that are looked at
   * @throws CausewayError KERNEL_UNREADABLE where a program is missing, says no or speaks another language
   */
  async observe(wanted: Iterable<Entry>): Promise<KernelState> {
    const marks = this.#marks;
    const [links, rules4, rules6, settings, ...lists] = await Promise.all([
      this.#ask('ip', ['-N', '-d', '-j', 'address', 'show']),
      this.#ask('ip', ['-N', '-j', '-4', 'rule', 'show'], NO_FAMILY),
      this.#ask('ip', ['-N', '-j', '-6', 'rule', 'show'], NO_FAMILY),
      this.#readSettings(wanted),
      ...this.#questions().map(question => this.#listings.list(question)),
    ]);
    const few = stateOf([
      ...(await this.#observeDevices(readLinks(links, marks))),
      ...readAddresses(links, marks),
      ...readRules(rules4, 'IPv4', marks),
      ...readRules(rules6, 'IPv6', marks),
      ...settings,
    ]);
    return joined([few, ...lists]);
  }

  /** What there is of for every node of another cluster. */
  #questions(): Question[] {
    const marks = this.#marks;
    const routes = (option: string, table: number, read: Question['read']): Question => ({
      program: 'ip',
      args: ['-N', '-d', '-j', option, 'route', 'show', 'table', String(table)],
      nothing: ['FIB table does not exist', NO_FAMILY],
      read,
    });
    const families = Object.entries({ IPv4: '-4', IPv6: '-6' }) as [AddressFamily, string][];
    return [
      {
        program: 'ip',
        args: ['-N', '-j', 'neighbour', 'show', 'nud', 'permanent'],
        read: json => readNeighbours(json, marks),
      },
      { program: 'bridge', args: ['-j', 'fdb', 'show'], read: json => readForwarding(json, marks) },
      {
        program: 'nft',
        args: ['-j', 'list', 'table', 'inet', marks.nftTable],
        nothing: ['No such file or directory'],
        read: readTable,
      },
      ...families.flatMap(([family, option]) => [
        routes(option, marks.table, json => readRoutes(json, family)),
        routes(option, marks.bgp.table, json => readBGPRoutes(json, family, marks)),
      ]),
    ];
  }

  /** What WireGuard says of the traffic with each peer, by public key; of a device that does not answer: nothing. */
  async traffic(): Promise<Map<string, Traffic>> {
    const dump = await this.#wireguard.dump();
    return dump === undefined ? new Map() : readTraffic(dump);
  }

  /** Which of the addresses no router stands before, with the devices that lead to them. @param addresses checked */
  async onLink(addresses: Iterable<string>): Promise<Map<string, string>> {
    const lines = Array.from(addresses, address => `route get ${address}\n`).join('');
    if (lines === '') return new Map();
    // Fails for those that there is no way to, which are not on the link either.
    const { output } = await this.#run('ip', ['-o', '-force', '-batch', '-'], lines);
    return readOnLink(output);
  }

  /** Does one after the other, whatever becomes of the ones before. Returns what was refused. */
  async apply(operations: readonly Operation[]): Promise<Refusal[]> {
    const refused: Refusal[] = [];
    for (const batch of render(operations, this.#marks)) refused.push(...(await this.#carryOut(batch)));
    return refused;
  }

  async #carryOut(batch: Batch): Promise<Refusal[]> {
    if (batch.program === 'sysctl') return this.#writeSettings(batch.settings);
    if (batch.program === 'nft') {
      const { code, errors } = await this.#run('nft', ['-j', '-f', '-'], batch.json);
      return code === 0 ? [] : [{ what: `nft ${batch.json.slice(0, SHOWN)}`, message: errors.trim() }];
    }
    if (batch.program === 'wireguard-go')
      return [...(await this.#wireguard.start()), ...(await this.#feed('ip', batch.lines))];
    return 'device' in batch ? this.#wireguard.carryOut(batch) : this.#feed(batch.program, batch.lines);
  }

  async #feed(program: string, lines: readonly string[]): Promise<Refusal[]> {
    const [name = '', ...family] = program.split(' ');
    const outcome = await this.#run(
      name,
      [...family, '-force', '-batch', '-'],
      lines.map(line => `${line}\n`).join(''),
    );
    return outcome.code === 0 ? [] : refusedLines(program, lines, outcome);
  }

  async #observeDevices(links: readonly LinkEntry[]): Promise<Entry[]> {
    const device = links.find(link => link.type === 'wireguard');
    if (device === undefined) return [...links];
    const dump = await this.#wireguard.dump();
    // One of the kernel's own that cannot be read is still there; one of a process may be without it.
    if (dump === undefined && device.engine === 'kernel')
      throw unreadable('wg', ['show', device.name], 'no answer');
    if (dump === undefined) return [...links];
    const answering = links.map(link => (link.type === 'wireguard' ? { ...link, answers: true } : link));
    return [...answering, ...readTunnel(dump, device.name)];
  }

  async #writeSettings(
    settings: readonly { readonly path: string; readonly value: string }[],
  ): Promise<Refusal[]> {
    const refused: Refusal[] = [];
    for (const { path, value } of settings) {
      try {
        await this.#sysctls.write(path, value);
      } catch (error) {
        refused.push({ what: `${path} = ${value}`, message: messageOf(error) });
      }
    }
    return refused;
  }

  async #readSettings(wanted: Iterable<Entry>): Promise<Entry[]> {
    const found: Entry[] = [];
    for (const entry of wanted) {
      if (entry.kind !== 'sysctl') continue;
      const value = await this.#sysctls.read(entry.path);
      if (value !== undefined) found.push({ kind: 'sysctl', path: entry.path, value });
    }
    return found;
  }

  #ask(program: string, args: readonly string[], ...nothing: readonly string[]): Promise<unknown> {
    return ask(this.#commands, program, args, ...nothing);
  }

  #run(program: string, args: readonly string[], input?: string): Promise<Outcome> {
    return runOrThrow(this.#commands, program, args, input);
  }
}

/** `ip` says after each reason which line it was for. */
function refusedLines(program: string, lines: readonly string[], { errors }: Outcome): Refusal[] {
  const refused: Refusal[] = [];
  let reasons: string[] = [];
  for (const said of errors.split('\n')) {
    const line = /^Command failed -:(\d+)/.exec(said)?.[1];
    if (line === undefined) {
      if (said.trim() !== '') reasons.push(said.trim());
      continue;
    }
    refused.push({ what: `${program} ${lines[Number(line) - 1]}`, message: reasons.join(' ') });
    reasons = [];
  }
  return refused.length > 0 ? refused : [{ what: program, message: errors.trim() }];
}
