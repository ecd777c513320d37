import { messageOf } from '../base/errors.ts';
import type { Operation } from '../routes/diff.ts';
import type { Entry, KernelState, LinkEntry } from '../routes/entry.ts';
import { type Found, keyedBy, sameList, stateIn } from '../routes/keyed.ts';
import type { Traffic } from '../routes/liveness.ts';
import type { Marks } from '../routes/model.ts';
import { MOST_TOGETHER } from '../routes/netlink/nftables-changes.ts';
import type { Plan } from '../routes/plan.ts';
import { readAddresses, readIndexes, readLinks, readOnLink, readRules } from '../routes/read-ip.ts';
import { readTraffic, readTunnel } from '../routes/read-wg.ts';
import { type Batch, render } from '../routes/render.ts';
import { emptyTable, rulesOnly } from '../routes/render-nft.ts';
import { stagesOf } from '../routes/stages.ts';
import { ask, NO_FAMILY, runOrThrow, SHOWN, unreadable } from './ask.ts';
import type { Commands, Outcome } from './commands.ts';
import { isToldDirectly, ListChanges } from './list-changes.ts';
import { Lists } from './lists.ts';
import type { Netlink } from './netlink.ts';
import type { Refusal } from './refusal.ts';
import type { Sysctls } from './sysctls.ts';
import { type KeyFileOf, WireGuard } from './wireguard.ts';

export interface KernelParts {
  readonly commands: Commands;
  readonly netlink: Netlink;
  readonly sysctls: Sysctls;
  readonly marks: Marks;
  /** The file of the private key that belongs to a public one. Absent: there are no keys. */
  readonly keyFileOf?: KeyFileOf;
}

const NOTHING: Plan['entries'] = new Map();

/** The part of the kernel's state that bears our marks. Nothing else is read, and nothing else is written. */
export class Kernel {
  readonly #commands: Commands;
  readonly #sysctls: Sysctls;
  readonly #marks: Marks;
  readonly #lists: Lists;
  readonly #listChanges: ListChanges;
  #last: Found = [];
  /** By the name of the device. */
  readonly #wireguard: ReadonlyMap<string, WireGuard>;

  constructor({ commands, netlink, sysctls, marks, keyFileOf = async () => undefined }: KernelParts) {
    this.#commands = commands;
    this.#sysctls = sysctls;
    this.#marks = marks;
    this.#lists = new Lists(netlink, marks);
    this.#listChanges = new ListChanges(netlink, marks);
    const { wireguard } = marks;
    this.#wireguard = new Map(
      [wireguard, wireguard.detour].map(({ device }) => [device, new WireGuard(commands, device, keyFileOf)]),
    );
  }

  /** What is there. @throws CausewayError as `find` does */
  async observe(planned: Plan['entries'] = NOTHING): Promise<KernelState> {
    return stateIn(await this.find(planned));
  }

  /**
   * What is there; the same object as the last time where it is the same.
   *
   * @param planned names the settings of the kernel that are looked at; what is there as planned is told as that object
   * @throws CausewayError KERNEL_UNREADABLE where a program is missing, says no or speaks another language
   */
  async find(planned: Plan['entries']): Promise<Found> {
    const marks = this.#marks;
    const [links, rules4, rules6, settings] = await Promise.all([
      this.#ask('ip', ['-N', '-d', '-j', 'address', 'show']),
      this.#ask('ip', ['-N', '-j', '-4', 'rule', 'show'], NO_FAMILY),
      this.#ask('ip', ['-N', '-j', '-6', 'rule', 'show'], NO_FAMILY),
      this.#readSettings(planned),
    ]);
    const [devices, { ruleset, lists }] = await Promise.all([
      this.#observeDevices(readLinks(links, marks)),
      this.#lists.read(readIndexes(links), planned),
    ]);
    const few = [
      ...devices,
      ...readAddresses(links, marks),
      ...readRules(rules4, 'IPv4', marks),
      ...readRules(rules6, 'IPv6', marks),
      ...settings,
      ...(ruleset === undefined ? [] : [ruleset]),
    ];
    return this.#sameOr([keyedBy(few, key => planned.get(key)), ...lists]);
  }

  /** The lists of peers are the same objects where they are the same. */
  #sameOr(found: Found): Found {
    const [few = [], ...lists] = found;
    const [lastFew = [], ...lastLists] = this.#last;
    const isSame =
      lists.length === lastLists.length &&
      lists.every((list, index) => list === lastLists[index]) &&
      sameList(few, lastFew);
    if (!isSame) this.#last = found;
    return this.#last;
  }

  /**
   * What a WireGuard device of ours says of the traffic with each peer, by public key; of one that does not answer:
   * nothing.
   */
  async traffic(device: string): Promise<Map<string, Traffic>> {
    const dump = await this.#wireguard.get(device)?.dump();
    return dump === undefined ? new Map() : readTraffic(dump);
  }

  /** Has peers of a WireGuard device of ours begin anew. @throws Error with what was refused */
  async renewPeers(device: string, publicKeys: ReadonlySet<string>): Promise<void> {
    const refused = (await this.#wireguard.get(device)?.renew(publicKeys)) ?? [];
    if (refused.length > 0) throw new Error(`${refused[0]?.what}: ${refused[0]?.message}`);
  }

  /** Which of the addresses no router stands before, with the devices that lead to them. @param addresses checked */
  async onLink(addresses: Iterable<string>): Promise<Map<string, string>> {
    const lines = Array.from(addresses, address => `route get ${address}\n`).join('');
    if (lines === '') return new Map();
    // Fails for those that there is no way to, which are not on the link either.
    const { output } = await this.#run('ip', ['-o', '-force', '-batch', '-'], lines);
    return readOnLink(output);
  }

  /** Does what needs another after it, whatever becomes of that. Returns what was refused. */
  async apply(operations: readonly Operation[]): Promise<Refusal[]> {
    const refused: Refusal[] = [];
    for (const lanes of stagesOf(operations)) {
      // All to their end: the next look must not begin beside a program that still changes what it looks at.
      for (const outcome of await Promise.allSettled(lanes.map(lane => this.#carryOutAll(lane)))) {
        if (outcome.status === 'rejected') throw outcome.reason;
        refused.push(...outcome.value);
      }
    }
    return refused;
  }

  async #carryOutAll(operations: readonly Operation[]): Promise<Refusal[]> {
    if (isToldDirectly(operations)) return this.#listChanges.carryOut(operations);
    if (isNewTable(operations)) return this.#makeTable(operations);
    const refused: Refusal[] = [];
    for (const batch of render(operations, this.#marks)) refused.push(...(await this.#carryOut(batch)));
    return refused;
  }

  async #carryOut(batch: Batch): Promise<Refusal[]> {
    if (batch.program === 'sysctl') return this.#writeSettings(batch.settings);
    if (batch.program === 'nft') return this.#transact(batch.json);
    if (!('device' in batch)) return this.#feed(batch.program, batch.lines);
    const wireguard = this.#wireguard.get(batch.device);
    if (wireguard === undefined) throw new Error(`no WireGuard device of ours is called ${batch.device}`);
    if (batch.program !== 'wireguard-go') return wireguard.carryOut(batch);
    return [...(await wireguard.start()), ...(await this.#feed('ip', batch.lines))];
  }

  /**
   * Where there was no table nobody can see it half made, and to write thousands of elements as JSON and have nft read
   * them takes longer than anything else. They are there before the first rule that looks for them.
   */
  async #makeTable(operations: readonly Operation[]): Promise<Refusal[]> {
    const refused = await this.#transact(emptyTable(this.#marks));
    if (refused.length > 0) return refused;
    const elements = operations.filter(({ entry }) => entry.kind === 'element');
    const missing = await this.#listChanges.carryOut(elements);
    // Rules would drop what comes from those that are missing. Without them the next look makes the table anew.
    return missing.length > 0 ? missing : this.#transact(rulesOnly(this.#marks));
  }

  async #transact(json: string): Promise<Refusal[]> {
    const { code, errors } = await this.#run('nft', ['-j', '-f', '-'], json);
    return code === 0 ? [] : [{ what: `nft ${json.slice(0, SHOWN)}`, message: errors.trim() }];
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
    return (await Promise.all(links.map(link => this.#observeDevice(link)))).flat();
  }

  async #observeDevice(link: LinkEntry): Promise<Entry[]> {
    if (link.type !== 'wireguard') return [link];
    const { name, engine } = link;
    const dump = await this.#wireguard.get(name)?.dump();
    // One of the kernel's own that cannot be read is still there; one of a process may be without it.
    if (dump === undefined && engine === 'kernel') throw unreadable('wg', ['show', name], 'no answer');
    return dump === undefined ? [link] : [{ ...link, answers: true }, ...readTunnel(dump, name)];
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

  async #readSettings(planned: Plan['entries']): Promise<Entry[]> {
    const found: Entry[] = [];
    for (const { entry } of planned.values()) {
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

/** Of the firewall: a table that was not there, with more elements than fit one transaction. */
function isNewTable(operations: readonly Operation[]): boolean {
  const isNew = (one: Operation): boolean =>
    one.verb === 'put' && one.was === undefined && one.entry.kind === 'ruleset';
  const isPut = ({ verb, entry }: Operation): boolean =>
    verb === 'put' && (entry.kind === 'ruleset' || entry.kind === 'element');
  return operations.length > MOST_TOGETHER && operations.some(isNew) && operations.every(isPut);
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
