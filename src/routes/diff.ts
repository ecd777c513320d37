import { deviceOf, type Entry, type EntryKind, type KernelState, keyOf, sameEntry } from './entry.ts';
import { type Gates, type Held, heldBack } from './gates.ts';
import type { Plan } from './plan.ts';

/** One thing to do to the kernel. */
export type Operation =
  /** `was`: what is there with the same key and becomes `entry`. */
  | { readonly verb: 'put'; readonly entry: Entry; readonly was?: Entry }
  | { readonly verb: 'delete'; readonly entry: Entry };

export interface Difference {
  /** In an order in which each finds what it needs and nothing is cut on the way. */
  readonly operations: readonly Operation[];
  readonly held: readonly Held[];
  /** What is there when all of it is done. */
  readonly leaves: KernelState;
}

/**
 * What is needed comes before what needs it. The firewall knows a peer before the first packet comes from it, and a
 * route comes after its neighbour, for whom the kernel would ask otherwise.
 */
const ORDER: readonly EntryKind[] = [
  'link',
  'sysctl',
  'address',
  'ruleset',
  'element',
  'wireguard',
  'peer',
  'forwarding',
  'neighbour',
  'route',
  'rule',
];

const GOES_WITH_DEVICE: ReadonlySet<EntryKind> = new Set(['sysctl', 'wireguard']);

/** What has to be done to make what is there what shall be there, as far as the gates are open. */
export function difference(plan: Plan, observed: KernelState, gates: Gates): Difference {
  const held = heldBack(plan, observed, gates);
  const target = new Map<string, Entry>();
  for (const [key, { entry }] of plan.entries) target.set(key, entry);
  for (const { entries } of held) for (const entry of entries) target.set(keyOf(entry), entry);
  return { operations: operationsTo(target, observed), held, leaves: target };
}

/** What has to be done to leave nothing of ours. Settings go with the devices that they are of. */
export function removal(observed: KernelState): readonly Operation[] {
  return operationsTo(new Map(), observed);
}

function operationsTo(target: KernelState, observed: KernelState): Operation[] {
  const there = withoutLost(target, observed);
  const puts = new Map<EntryKind, Operation[]>(ORDER.map(kind => [kind, []]));
  const deletes = new Map<EntryKind, Operation[]>(ORDER.map(kind => [kind, []]));
  for (const [key, entry] of target) {
    const was = there.get(key);
    const list = puts.get(entry.kind);
    if (was === undefined && observed.has(key) && entry.kind === 'link') list?.push(deleted(observed, key));
    if (was === undefined) list?.push({ verb: 'put', entry });
    else if (!sameEntry(entry, was)) list?.push(...change(entry, was));
  }
  for (const [key, entry] of there) {
    if (!target.has(key) && !GOES_WITH_DEVICE.has(entry.kind))
      deletes.get(entry.kind)?.push({ verb: 'delete', entry });
  }
  // A set takes no block that overlaps one which is about to leave it; both happen in one transaction.
  puts.get('element')?.unshift(...(deletes.get('element') ?? []));
  deletes.delete('element');
  return [
    ...ORDER.flatMap(kind => puts.get(kind) ?? []),
    ...ORDER.toReversed().flatMap(kind => deletes.get(kind) ?? []),
  ];
}

function deleted(observed: KernelState, key: string): Operation {
  return { verb: 'delete', entry: observed.get(key) as Entry };
}

function change(entry: Entry, was: Entry): Operation[] {
  if (entry.kind === 'forwarding' && was.kind === 'forwarding' && was.destination.includes(',')) {
    // The kernel would replace the first of several.
    return [
      { verb: 'delete', entry: was },
      { verb: 'put', entry },
    ];
  }
  return [{ verb: 'put', entry, was }];
}

/**
 * What will be there when the devices that cannot stay as they are have been made anew, and the table of rules that is
 * not ours word for word has been built anew: all that was on them, or in it, goes with them.
 */
function withoutLost(target: KernelState, observed: KernelState): KernelState {
  const anew = new Set<string>();
  let ruleset = observed.has('ruleset') || target.has('ruleset');
  for (const [key, entry] of target) {
    if (entry.kind !== 'link' && entry.kind !== 'ruleset') continue;
    const was = observed.get(key);
    if (was === undefined) continue;
    if (entry.kind === 'link' && was.kind === 'link' && mustBeMadeAnew(entry, was)) anew.add(entry.name);
    if (entry.kind === 'ruleset') ruleset = !sameEntry(entry, was);
  }
  if (anew.size === 0 && !ruleset) return observed;
  const stays = (entry: Entry): boolean => {
    if (entry.kind === 'element') return !ruleset;
    if (entry.kind === 'link') return !anew.has(entry.name);
    const device = deviceOf(entry);
    return device === undefined || !anew.has(device);
  };
  return new Map([...observed].filter(([, entry]) => stays(entry)));
}

/** The kernel changes a device's MTU and state in place; a changed hardware address takes the neighbours along. */
function mustBeMadeAnew(
  entry: Extract<Entry, { kind: 'link' }>,
  was: Extract<Entry, { kind: 'link' }>,
): boolean {
  return !sameEntry({ ...entry, mtu: was.mtu, up: was.up }, was);
}
