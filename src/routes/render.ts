import type { Operation } from './diff.ts';
import { deviceOf, type Entry, type LinkEntry, sameEntry } from './entry.ts';
import { addWords } from './links.ts';
import type { Marks } from './model.ts';
import { transactionOf } from './render-nft.ts';
import { type WireGuardBatch, wireGuardBatch } from './render-wg.ts';

type LineProgram = 'ip' | 'ip -6';

/** What one program reads on its standard input. */
export type Batch =
  /** Lines of `ip -batch` and `ip -6 -batch`. */
  | { readonly program: LineProgram; readonly lines: readonly string[] }
  /** A process that makes the device and stays; then lines of `ip -batch`. */
  | { readonly program: 'wireguard-go'; readonly device: string; readonly lines: readonly string[] }
  | WireGuardBatch
  /** One transaction for `nft -j -f -`. */
  | { readonly program: 'nft'; readonly json: string }
  | {
      readonly program: 'sysctl';
      readonly settings: readonly { readonly path: string; readonly value: string }[];
    };

/** Those operations that programs carry out, in their words and in the same order. */
export function render(operations: readonly Operation[], marks: Marks): Batch[] {
  const batches: Batch[] = [];
  for (let start = 0; start < operations.length; ) {
    const program = programOf(operations[start]);
    let end = start + 1;
    while (end < operations.length && programOf(operations[end]) === program) end++;
    for (const together of perDevice(program, operations.slice(start, end)))
      batches.push(batchOf(program, together, marks));
    start = end;
  }
  return batches;
}

/** Programs of WireGuard's know one device at a time. */
function perDevice(program: Batch['program'], operations: readonly Operation[]): (readonly Operation[])[] {
  if (!/^(wg |wireguard-go)/.test(program)) return [operations];
  return [...Map.groupBy(operations, ({ entry }) => deviceNameOf(entry)).values()];
}

function deviceNameOf(entry: Entry | undefined): string {
  return (entry?.kind === 'link' ? entry.name : entry && deviceOf(entry)) ?? '';
}

function programOf(operation: Operation | undefined): Batch['program'] {
  switch (operation?.entry.kind) {
    case 'ruleset':
    case 'element':
      return 'nft';
    case 'sysctl':
      return 'sysctl';
    case 'wireguard':
      return 'wg set';
    case 'peer':
      return operation.verb === 'put' ? 'wg addconf' : 'wg remove';
    case 'link':
      return isProcess(operation) ? 'wireguard-go' : 'ip';
    case 'rule':
      // Nothing else in the line of a rule tells its family.
      return operation.entry.family === 'IPv6' ? 'ip -6' : 'ip';
    default:
      return 'ip';
  }
}

function batchOf(program: Batch['program'], operations: readonly Operation[], marks: Marks): Batch {
  if (program === 'nft') return { program, json: transactionOf(operations, marks) };
  if (program === 'sysctl') {
    const settings = operations.flatMap(({ entry }) => (entry.kind === 'sysctl' ? [entry] : []));
    return { program, settings: settings.map(({ path, value }) => ({ path, value })) };
  }
  if (program === 'wg set' || program === 'wg addconf' || program === 'wg remove')
    return wireGuardBatch(program, operations, deviceNameOf(operations[0]?.entry));
  if (program === 'wireguard-go') {
    const lines = operations.flatMap(operation => linesOf(operation, marks));
    return { program, device: deviceNameOf(operations[0]?.entry), lines };
  }
  return { program, lines: operations.flatMap(operation => linesOf(operation, marks)) };
}

/** Whether a process has to be started for the device to be. */
function isProcess({ verb, entry, ...operation }: Operation): boolean {
  if (verb !== 'put' || entry.kind !== 'link' || entry.type !== 'wireguard') return false;
  return entry.engine === 'userspace' && !('was' in operation && operation.was !== undefined);
}

function linesOf(operation: Operation, marks: Marks): string[] {
  return ipWords(operation, marks).map(line => line.map(token).join(' '));
}

type Word = string | number;

function ipWords(operation: Operation, marks: Marks): Word[][] {
  const { verb, entry } = operation;
  switch (entry.kind) {
    case 'link':
      return verb === 'delete' ? [['link', 'del', entry.name]] : linkWords(entry, operation.was);
    case 'address': {
      const { address, device } = entry;
      const noDelay = address.includes(':') && verb === 'put' ? ['nodad'] : [];
      return [['addr', verb === 'put' ? 'replace' : 'del', address, 'dev', device, ...noDelay]];
    }
    case 'rule': {
      const { preference, table = marks.table } = entry;
      const act = verb === 'put' ? 'add' : 'del';
      // What manages the network of many hosts (systemd-networkd) spares rules that say they are the kernel's.
      const protocol = verb === 'put' ? ['protocol', 'kernel'] : [];
      return [['rule', act, 'pref', preference, 'lookup', table, ...protocol]];
    }
    default:
      return [];
  }
}

function linkWords(link: LinkEntry, was: Entry | undefined): Word[][] {
  const { name, mtu } = link;
  const start: Word[] = ['link', 'set', name, 'mtu', mtu, 'up'];
  if (was?.kind === 'link' && sameEntry({ ...was, mtu, up: true }, link)) return [start];
  // Of a process of its own it is there already.
  if (link.type === 'wireguard' && link.engine === 'userspace') return [start];
  return [['link', 'add', ...addWords(link)], start];
}

/**
 * The last look at what becomes a word of a command: every value was checked where it came in, and what is no such
 * value here is a mistake of ours, not something to carry out. No blank, quote, comment or option gets through.
 */
function token(word: Word): string {
  const text = String(word);
  if (/^[A-Za-z0-9:./_@][-A-Za-z0-9:./_@]*$/.test(text)) return text;
  throw new Error(`not a word of a command: ${JSON.stringify(text)}`);
}
