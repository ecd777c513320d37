import { enclosed } from './enclosed.ts';
import { deviceOf, type Entry, type EntryKind, type KernelState, keyOf, sameEntry } from './entry.ts';
import { type Gates, type Held, heldBack } from './gates.ts';
import type { Found, Keyed } from './keyed.ts';
import type { PlannedEntries } from './plan.ts';

/** One thing to do to the kernel. */
export type Operation =
  /** `was`: what is there with the same key and becomes `entry`. */
  | { readonly verb: 'put'; readonly entry: Entry; readonly was?: Entry }
  | { readonly verb: 'delete'; readonly entry: Entry };

export interface Difference {
  /** In an order in which each finds what it needs and nothing is cut on the way. */
  readonly operations: readonly Operation[];
  readonly held: readonly Held[];
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

/** Whether there is nothing to do. */
export function isAsPlanned({ entries }: PlannedEntries, found: Found): boolean {
  const isPlanned = ({ key, entry }: Keyed): boolean => {
    const planned = entries.get(key);
    return planned !== undefined && sameEntry(planned.entry, entry);
  };
  const count = found.reduce((sum, { length }) => sum + length, 0);
  return count === entries.size && found.every(list => list.every(isPlanned));
}

/** What has to be done to make what is there what shall be there, as far as the gates are open. */
export function difference(plan: PlannedEntries, observed: KernelState, gates: Gates): Difference {
  const { missing, unplanned } = compared(plan, observed);
  const held = heldBack(plan, unplanned, gates);
  const staying = new Set(held.flatMap(({ entries }) => entries));
  const inHeld = enclosed(plan, staying);
  const differing = inHeld.size === 0 ? missing : missing.filter(entry => !inHeld.has(entry));
  const going = [...unplanned.values()].filter(entry => !staying.has(entry));
  const lost = lossesOf(differing, going, observed);
  const there = (entry: Entry): Entry | undefined => {
    const was = observed.get(keyOf(entry));
    return was === undefined || lost?.(was) ? undefined : was;
  };
  // What stays is lost as well with a device or a table that is made anew, and is put back.
  const puts = lost === undefined ? differing : leaves(plan, held).values();
  return {
    operations: inOrder(puts, there, lost === undefined ? going : going.filter(e => !lost(e)), observed),
    held,
  };
}

/** What is planned and not there as it is planned, and what is there and not planned, by its key. */
function compared(
  plan: PlannedEntries,
  observed: KernelState,
): { readonly missing: readonly Entry[]; readonly unplanned: ReadonlyMap<string, Entry> } {
  const missing: Entry[] = [];
  let common = 0;
  for (const [key, { entry }] of plan.entries) {
    const was = observed.get(key);
    if (was !== undefined) common += 1;
    if (was === undefined || !sameEntry(entry, was)) missing.push(entry);
  }
  const unplanned = new Map<string, Entry>();
  if (common < observed.size)
    for (const [key, entry] of observed) if (!plan.entries.has(key)) unplanned.set(key, entry);
  return { missing, unplanned };
}

/** What is there when all of that is done. */
export function leaves(plan: PlannedEntries, held: readonly Held[]): KernelState {
  const left = new Map<string, Entry>();
  const inHeld = enclosed(
    plan,
    held.flatMap(({ entries }) => entries),
  );
  for (const [key, { entry }] of plan.entries) if (!inHeld.has(entry)) left.set(key, entry);
  for (const { entries } of held) for (const entry of entries) left.set(keyOf(entry), entry);
  return left;
}

/** What has to be done to leave nothing of ours. Settings go with the devices that they are of. */
export function removal(observed: KernelState): readonly Operation[] {
  const all = [...observed.values()];
  const lost = lossesOf([], all, observed);
  return inOrder(
    [],
    () => undefined,
    all.filter(entry => !lost?.(entry)),
    observed,
  );
}

/** @param there what is there of the same key when the operation's turn comes */
function inOrder(
  puts: Iterable<Entry>,
  there: (entry: Entry) => Entry | undefined,
  deletes: readonly Entry[],
  observed: KernelState,
): Operation[] {
  const putting = new Map<EntryKind, Operation[]>(ORDER.map(kind => [kind, []]));
  const deleting = new Map<EntryKind, Operation[]>(ORDER.map(kind => [kind, []]));
  for (const entry of puts) {
    const was = there(entry);
    const list = putting.get(entry.kind);
    const replaced = entry.kind === 'link' ? observed.get(keyOf(entry)) : undefined;
    if (was === undefined && replaced !== undefined) list?.push({ verb: 'delete', entry: replaced });
    if (was === undefined) list?.push({ verb: 'put', entry });
    else if (!sameEntry(entry, was)) list?.push(...change(entry, was));
  }
  for (const entry of deletes)
    if (!GOES_WITH_DEVICE.has(entry.kind)) deleting.get(entry.kind)?.push({ verb: 'delete', entry });
  // A set takes no block that overlaps one which is about to leave it; both happen in one transaction.
  putting.get('element')?.unshift(...(deleting.get('element') ?? []));
  deleting.delete('element');
  return [
    ...ORDER.flatMap(kind => putting.get(kind) ?? []),
    ...ORDER.toReversed().flatMap(kind => deleting.get(kind) ?? []),
  ];
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
 * What goes with the devices that cannot stay as they are and are made anew, and with the table of rules that is not
 * ours word for word and is built anew, or goes: all that is on them, or in it. Undefined: nothing does.
 */
function lossesOf(
  differing: readonly Entry[],
  going: readonly Entry[],
  observed: KernelState,
): ((entry: Entry) => boolean) | undefined {
  const isRuleset = ({ kind }: Entry): boolean => kind === 'ruleset';
  const ruleset = differing.some(isRuleset) || going.some(isRuleset);
  const anew = new Set<string>();
  for (const entry of differing) {
    const was = entry.kind === 'link' ? observed.get(keyOf(entry)) : undefined;
    if (entry.kind === 'link' && was?.kind === 'link' && mustBeMadeAnew(entry, was)) anew.add(entry.name);
  }
  if (anew.size === 0 && !ruleset) return undefined;
  return entry => {
    if (entry.kind === 'element') return ruleset;
    if (entry.kind === 'link') return anew.has(entry.name);
    const device = deviceOf(entry);
    return device !== undefined && anew.has(device);
  };
}

/** The kernel changes a device's MTU and state in place; a changed hardware address takes the neighbours along. */
function mustBeMadeAnew(
  entry: Extract<Entry, { kind: 'link' }>,
  was: Extract<Entry, { kind: 'link' }>,
): boolean {
  return !sameEntry({ ...entry, mtu: was.mtu, up: was.up }, was);
}
