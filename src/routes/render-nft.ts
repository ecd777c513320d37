import { parseBlock } from '../base/block.ts';
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

function rebuilt(marks: Marks): Command[] {
  const family = FAMILY;
  const table = marks.nftTable;
  const sets = Object.entries(SETS).map(([name, { type, blocks }]) => ({
    add: { set: { family, table, name, type, ...(blocks ? { flags: ['interval'] } : {}) } },
  }));
  const chains = chainsOf(marks).flatMap(chain => {
    const { name, base, rules } = chain;
    const hooked = base && { type: base.type, hook: base.hook, prio: base.priority, policy: 'accept' };
    return [
      { add: { chain: { family, table, name, ...hooked } } },
      ...rules.map(({ match }, index) => ({
        add: { rule: { family, table, chain: name, comment: commentOf(chain, index), expr: match } },
      })),
    ];
  });
  return [...removed(marks), { add: tableOf(marks) }, ...sets, ...chains];
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

function elementOf(text: string): unknown {
  const block = parseBlock(text);
  if (block === undefined) throw new Error(`not an element of a set: ${JSON.stringify(text)}`);
  const addr = text.slice(0, text.indexOf('/'));
  return block.first === block.last ? addr : { prefix: { addr, len: block.prefix } };
}
