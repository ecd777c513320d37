import type { Operation } from './diff.ts';
import type { ElementEntry, ForwardingEntry, NeighbourEntry, RouteEntry, RulesetEntry } from './entry.ts';
import type { Marks } from './model.ts';
import { type Batch, render } from './render.ts';
import { SETS } from './ruleset.ts';

/** Operations as a person reads them: a line each, in the words of the programs that would do the same. */
export function wordsOf(operations: readonly Operation[], marks: Marks): string[] {
  return operations.flatMap(operation => {
    const { verb, entry } = operation;
    switch (entry.kind) {
      case 'ruleset':
        return rulesetWords(verb, entry, marks);
      case 'element':
        return elementWords(verb, entry, marks);
      case 'route':
        return `ip route ${routeWords(verb, entry, marks).join(' ')}`;
      case 'neighbour':
        return `ip neigh ${neighbourWords(verb, entry)}`;
      case 'forwarding':
        return `bridge fdb ${forwardingWords(verb, entry)}`;
      default:
        return render([operation], marks).flatMap(batchWords);
    }
  });
}

/** Only a set of blocks takes one, be it of a single address. */
function elementWords(verb: Operation['verb'], { set, block }: ElementEntry, { nftTable }: Marks): string {
  const element = SETS[set].blocks ? block : block.slice(0, block.indexOf('/'));
  return `nft ${verb === 'put' ? 'add' : 'delete'} element inet ${nftTable} ${set} { ${element} }`;
}

function routeWords(verb: Operation['verb'], route: RouteEntry, marks: Marks): (string | number)[] {
  const { table = marks.table } = route;
  const { destination, metric, type, via, device, onlink, source, protocol, mtu } = route;
  if (verb === 'delete') return ['del', destination, 'table', table, 'metric', metric];
  const isOther = via?.includes(':') && !destination.includes(':');
  return [
    ...['replace', type, destination],
    ...(via === undefined ? [] : ['via', ...(isOther ? ['inet6'] : []), via]),
    ...(device === undefined ? [] : ['dev', device]),
    ...(onlink ? ['onlink'] : []),
    ...(source === undefined ? [] : ['src', source]),
    ...['proto', protocol, 'metric', metric, 'table', table],
    ...(mtu === undefined ? [] : ['mtu', mtu]),
  ];
}

function neighbourWords(verb: Operation['verb'], { address, device, mac }: NeighbourEntry): string {
  if (verb === 'delete') return `del ${address} dev ${device}`;
  return `replace ${address} lladdr ${mac} dev ${device} nud permanent`;
}

function forwardingWords(verb: Operation['verb'], { mac, device, destination }: ForwardingEntry): string {
  if (verb === 'delete') return `del ${mac} dev ${device} self`;
  return `replace ${mac} dev ${device} dst ${destination} self permanent`;
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
