import type { Operation } from './diff.ts';
import type { RulesetEntry } from './entry.ts';
import type { Marks } from './model.ts';
import { type Batch, render } from './render.ts';

/** Operations as a person reads them: a line each, in the words of the programs that would carry them out. */
export function wordsOf(operations: readonly Operation[], marks: Marks): string[] {
  return operations.flatMap(operation => {
    const { verb, entry } = operation;
    if (entry.kind === 'ruleset') return rulesetWords(verb, entry, marks);
    if (entry.kind === 'element')
      return `nft ${verb === 'put' ? 'add' : 'delete'} element inet ${marks.nftTable} ${entry.set} { ${entry.block} }`;
    return render([operation], marks).flatMap(batchWords);
  });
}

function batchWords(batch: Batch): string[] {
  switch (batch.program) {
    case 'nft':
      return [];
    case 'sysctl':
      return batch.settings.map(({ path, value }) => `sysctl -w net/${path}=${value}`);
    case 'wireguard-go':
      return [`wireguard-go ${batch.device}`, ...batch.lines.map(line => `ip ${line}`)];
    case 'wg set':
      return [`wg set ${batch.device} private-key ... listen-port ${batch.port}`];
    case 'wg addconf':
      return [`wg addconf ${batch.device} # ${batch.configuration.trim().replaceAll('\n', ', ')}`];
    case 'wg remove':
      return batch.publicKeys.map(key => `wg set ${batch.device} peer ${key} remove`);
    default:
      return batch.lines.map(line => `${batch.program} ${line}`);
  }
}

/** Rules are added by nftables' JSON; in its words they would be told a second time here, so they are only counted. */
function rulesetWords(verb: Operation['verb'], { rules }: RulesetEntry, { nftTable }: Marks): string {
  if (verb === 'delete') return `nft delete table inet ${nftTable}`;
  return `nft add table inet ${nftTable} # built anew, with ${rules.split(' ').length} rules`;
}
