import { CausewayError } from '../base/errors.ts';
import { unifiedDiff } from './diff.ts';
import { install, outside, remove, requireFree, restore } from './edit.ts';
import { lex } from './lexer.ts';
import { type CorefilePlace, type MapKey, mapName } from './places.ts';
import { readCorefile } from './read.ts';
import { stanzaFor } from './stanza.ts';

/** What becomes of one text of a ConfigMap. */
export interface TextChange {
  readonly target: MapKey;
  /** Undefined: there is no such key. */
  readonly before: string | undefined;
  /** Undefined: the key goes. */
  readonly after: string | undefined;
}

export interface InstallOptions {
  readonly zone: string;
  /** What to forward to: ClusterIPs, with ports where they are not 53. */
  readonly addresses: readonly string[];
}

/**
 * Puts the stanza where it belongs, or brings it up to date.
 *
 * @throws CausewayError COREFILE_ZONE_TAKEN, COREFILE_MARKS_DAMAGED, COREFILE_INVALID, COREDNS_OPERATED,
 *   SETTING_INVALID for addresses or a zone that are none
 */
export function installIn(place: CorefilePlace, { zone, addresses }: InstallOptions): TextChange {
  const { main, imported, target, dialect } = place;
  if (dialect === 'openshift') throw operated(place);
  const before = textAt(place);
  const name = textName(target);
  const options = { zone, addresses, dialect };
  if (dialect !== 'coredns-custom') {
    const stanza = stanzaFor(outside(main.text, name), options, imported);
    return { target, before, after: install(main.text, stanza, name, imported) };
  }
  const others = new Map([...imported].filter(([key]) => key !== target.key));
  const corefile = readCorefile(main.text, textName(main));
  const stanza = stanzaFor(corefile, options, others);
  requireFree(corefile, stanza, others);
  return { target, before, after: install(before ?? '', stanza, name) };
}

/**
 * Takes the stanza out again. The key of `coredns-custom` goes with the last of its text.
 *
 * @throws CausewayError COREFILE_MARKS_DAMAGED, COREFILE_INVALID, COREDNS_OPERATED
 */
export function removeFrom(place: CorefilePlace): TextChange {
  const { target, dialect } = place;
  if (dialect === 'openshift') throw operated(place);
  const before = textAt(place);
  const after = before === undefined ? undefined : remove(before, textName(target));
  return { target, before, after: kept(after, before, dialect === 'coredns-custom') };
}

/**
 * What takes a change back: the very text before it, unless somebody has edited it since. Then only our lines are as
 * they were.
 *
 * @param now undefined: the key is gone, which is not undone
 * @throws CausewayError COREFILE_MARKS_DAMAGED, COREFILE_INVALID
 */
export function takenBack(
  now: string | undefined,
  { target, before, after }: TextChange,
): string | undefined {
  if (now === after) return before;
  return now === undefined
    ? undefined
    : kept(restore(now, before ?? '', textName(target)), now, before === undefined);
}

/** An empty text is none where the key is ours alone. */
function kept(text: string | undefined, before: string | undefined, ours: boolean): string | undefined {
  return ours && text === '' && before !== '' ? undefined : text;
}

/** The same Corefile with the change in it. */
export function changed(place: CorefilePlace, { target, after }: TextChange): CorefilePlace {
  if (place.dialect !== 'coredns-custom') return { ...place, main: { ...place.main, text: after ?? '' } };
  const imported = new Map(place.imported);
  if (after === undefined) imported.delete(target.key);
  else imported.set(target.key, after);
  return { ...place, imported };
}

/**
 * Whether CoreDNS takes the two texts for different ones: it compares words and the lines that they stand on, so that
 * another comment alone is never read.
 */
export function isReread({ before = '', after = '' }: TextChange): boolean {
  const words = (text: string) => lex(text, '').tokens.map(token => [token.line, token.text]);
  return JSON.stringify(words(before)) !== JSON.stringify(words(after));
}

/** As `diff -u`; empty: nothing changes. */
export function diffOf({ target, before = '', after = '' }: TextChange): string {
  return unifiedDiff(before, after, textName(target));
}

/** `kube-system/coredns/Corefile` */
export function textName(target: MapKey): string {
  return `${mapName(target)}/${target.key}`;
}

function textAt({ main, imported, target, dialect }: CorefilePlace): string | undefined {
  return dialect === 'coredns-custom' ? imported.get(target.key) : main.text;
}

function operated({ main }: CorefilePlace): CausewayError {
  return new CausewayError(
    'COREDNS_OPERATED',
    `${mapName(main)}: found the Corefile of OpenShift's DNS operator, which would write it anew; ` +
      'let the operator put the zone in: corefile/openshift-dns-operator.yaml and docs/coredns.md say how',
  );
}
