import { CausewayError } from '../../base/errors.ts';
import { changed, installIn, isReread, removeFrom, type TextChange } from '../../corefile/change.ts';
import { hasBlock, reloadsItself } from '../../corefile/judge.ts';
import { type ChosenMap, type CorefilePlace, mapName, placesIn } from '../../corefile/places.ts';
import type { ApiClient, RawObject } from '../../kube/client.ts';
import { corefileMaps, dnsAddresses, textMap } from './gather.ts';
import type { Awaited } from './settle.ts';
import { onCondition, writeText } from './write.ts';

export interface PlanOptions {
  readonly act: 'install' | 'remove';
  /** That Causeway runs in. */
  readonly namespace: string;
  readonly zone: string;
  /** The Corefile to edit; undefined: those that are found. */
  readonly chosen: ChosenMap | undefined;
}

/** One Corefile, and what becomes of it. */
export interface Part extends Awaited {
  readonly change: TextChange;
  /** Whether CoreDNS takes the new text for another one. */
  readonly reread: boolean;
  /** Whether it looks for changes by itself. */
  readonly reloads: boolean;
}

/** What makes a change of a Corefile; pure. */
export type Edit = (place: CorefilePlace) => TextChange;

/** @throws CausewayError DNS_ADDRESS_UNKNOWN */
export async function editOf(
  client: ApiClient,
  { act, namespace, zone }: PlanOptions,
  signal: AbortSignal,
): Promise<Edit> {
  if (act === 'remove') return removeFrom;
  const addresses = await dnsAddresses(client, namespace, signal);
  if (addresses.length > 0) return place => installIn(place, { zone, addresses });
  throw new CausewayError(
    'DNS_ADDRESS_UNKNOWN',
    `found no ClusterIP of Service ${namespace}/causeway-dns to forward ${zone} to; bring Causeway in with ` +
      '`causeway enable`, or name the namespace that it runs in with --namespace',
  );
}

/**
 * What becomes of each Corefile, as they are now.
 *
 * @throws CausewayError COREFILE_*, COREDNS_OPERATED
 */
export async function planOf(
  client: ApiClient,
  { zone, chosen }: PlanOptions,
  edit: Edit,
  signal: AbortSignal,
): Promise<{ readonly parts: readonly Part[]; readonly maps: readonly RawObject[] }> {
  const maps = await corefileMaps(client, signal, chosen);
  const places = placesIn(maps.map(textMap), chosen);
  if (places.length === 0) throw missing(chosen);
  return { maps, parts: places.map(place => partOf(place, edit(place), zone)) };
}

/** Writes one part, from the texts as they are by then. */
export function writePart(
  client: ApiClient,
  part: Part,
  options: PlanOptions,
  edit: Edit,
  signal: AbortSignal,
): Promise<Part> {
  const main = mapName(part.place.main);
  return onCondition(async () => {
    const { parts, maps } = await planOf(client, options, edit, signal);
    const now = parts.find(({ place }) => mapName(place.main) === main);
    if (now === undefined) throw missing(part.place.main);
    const { target, before, after } = now.change;
    const raw = maps.find(
      ({ metadata }) => metadata.name === target.name && metadata.namespace === target.namespace,
    );
    if (before !== after) await writeText(client, raw, now.change, signal);
    return now;
  }, signal);
}

function partOf(place: CorefilePlace, change: TextChange, zone: string): Part {
  const after = changed(place, change);
  const present = hasBlock(after, zone);
  const isChanged = change.before !== change.after;
  const reread = isReread(change);
  const renewed = reread && present && hasBlock(place, zone);
  return {
    place,
    change,
    aim: { zone, present, changed: isChanged, renewed },
    reread,
    reloads: reloadsItself(after),
  };
}

function missing(chosen: ChosenMap | undefined): CausewayError {
  const found =
    chosen === undefined
      ? 'found no Corefile in ConfigMap kube-system/coredns, nor in those of other distributions'
      : `found no key ${chosen.key ?? 'Corefile'} in ConfigMap ${mapName(chosen)}`;
  return new CausewayError(
    'COREFILE_MISSING',
    `${found}; name it with --config-map and --key, and see docs/coredns.md for a DNS that has none`,
  );
}
