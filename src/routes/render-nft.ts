import type { Operation } from './diff.ts';
import type { SetName } from './entry.ts';
import type { Marks } from './model.ts';
import { chainsOf, commentOf, SETS } from './ruleset.ts';

type Command = Readonly<Record<string, unknown>>;

const FAMILY = 'inet';

/** All of it happens, or nothing (libnftables-json(5)). */
export function transactionOf(operations: readonly Operation[], marks: Marks): string {
  const commands: Command[] = [];
  for (const { verb, entry } of operations) {
    if (entry.kind === 'ruleset') commands.push(...(verb === 'put' ? rebuilt(marks) : removed(marks)));
  }
  for (const verb of ['delete', 'put'] as const) commands.push(...elementCommands(operations, verb, marks));
  return JSON.stringify({ nftables: commands });
}

/** Deleting what may not be there is an error in the nftables of many distributions; adding what is there is none. */
function removed(marks: Marks): Command[] {
  return [{ add: tableOf(marks) }, { delete: tableOf(marks) }];
}

/** Our table with empty sets, in which nothing is looked for yet. */
export function emptyTable(marks: Marks): string {
  return JSON.stringify({ nftables: [...removed(marks), ...tableWithSets(marks)] });
}

/** What looks into the sets. */
export function rulesOnly(marks: Marks): string {
  return JSON.stringify({ nftables: chainsWithRules(marks) });
}

function rebuilt(marks: Marks): Command[] {
  return [...removed(marks), ...tableWithSets(marks), ...chainsWithRules(marks)];
}

function tableWithSets(marks: Marks): Command[] {
  const [family, table] = [FAMILY, marks.nftTable];
  const sets = Object.entries(SETS).map(([name, { type, blocks }]) => ({
    add: { set: { family, table, name, type, ...(blocks ? { flags: ['interval'] } : {}) } },
  }));
  return [{ add: tableOf(marks) }, ...sets];
}

function chainsWithRules(marks: Marks): Command[] {
  const [family, table] = [FAMILY, marks.nftTable];
  return chainsOf(marks).flatMap(chain => {
    const { name, base, rules } = chain;
    const hooked = base && { type: base.type, hook: base.hook, prio: base.priority, policy: 'accept' };
    return [
      { add: { chain: { family, table, name, ...hooked } } },
      ...rules.map(({ match }, index) => ({
        add: { rule: { family, table, chain: name, comment: commentOf(chain, index), expr: match } },
      })),
    ];
  });
}

function tableOf({ nftTable }: Marks): Command {
  return { table: { family: FAMILY, name: nftTable } };
}

function elementCommands(
  operations: readonly Operation[],
  verb: Operation['verb'],
  { nftTable }: Marks,
): Command[] {
  const bySet = new Map<SetName, unknown[]>();
  for (const operation of operations) {
    const { entry } = operation;
    if (operation.verb !== verb || entry.kind !== 'element') continue;
    const elements = bySet.get(entry.set) ?? [];
    bySet.set(entry.set, elements);
    elements.push(elementOf(entry.block));
  }
  return Array.from(bySet, ([name, elem]) => ({
    [verb === 'put' ? 'add' : 'delete']: { element: { family: FAMILY, table: nftTable, name, elem } },
  }));
}

/** @param block checked, as everything that was planned or found */
function elementOf(block: string): unknown {
  const slash = block.indexOf('/');
  const [addr, len] = [block.slice(0, slash), Number(block.slice(slash + 1))];
  return len === (addr.includes(':') ? 128 : 32) ? addr : { prefix: { addr, len } };
}
