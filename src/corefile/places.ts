import type { Corefile } from './model.ts';
import { readCorefile } from './read.ts';
import { pluginsOf, type Server, serversOf } from './servers.ts';
import { CUSTOM_KEY, type Dialect, dialectOf } from './stanza.ts';

/** Where a ConfigMap is. */
export interface MapPlace {
  readonly namespace: string;
  readonly name: string;
}

/** A ConfigMap's texts. */
export interface TextMap extends MapPlace {
  readonly data: Readonly<Record<string, string>>;
}

/** One text of a ConfigMap. */
export interface MapKey extends MapPlace {
  readonly key: string;
}

/** A Corefile of a cluster, and where the stanza goes. */
export interface CorefilePlace {
  /** `openshift`: an operator writes the Corefile, and the stanza is its to put in. */
  readonly dialect: Dialect | 'openshift';
  /** The Corefile that the pods start with. */
  readonly main: MapKey & { readonly text: string };
  /** What it imports, by file name: the keys of ConfigMap coredns-custom. */
  readonly imported: ReadonlyMap<string, string>;
  /** The key of ConfigMap kube-dns that NodeLocal DNSCache makes blocks of. */
  readonly stubDomains: string | undefined;
  /** Where our lines are, or go. */
  readonly target: MapKey;
  readonly pods: { readonly namespace: string; readonly labelSelector: string };
  /** Where the pods tell their metrics. */
  readonly metricsPort: number;
}

const SYSTEM = 'kube-system';
const CUSTOM = 'coredns-custom';
const COREFILE = 'Corefile';
const OPENSHIFT = { namespace: 'openshift-dns', name: 'dns-default' };

/** The ConfigMaps that a Corefile is looked for in, or what it imports. */
const KNOWN_MAPS: readonly MapPlace[] = ['coredns', CUSTOM, 'node-local-dns', 'kube-dns'].map(name => ({
  namespace: SYSTEM,
  name,
}));

/** A ConfigMap that could not be read, and why. */
export interface UnreadMap extends MapPlace {
  readonly reason: string;
}

/** A Corefile that an operator points at. */
export type ChosenMap = MapPlace & { readonly key?: string | undefined };

/** The ConfigMaps to look at: a Corefile may be in each of them, or a part of one. */
export function mapsToRead(chosen?: ChosenMap): readonly MapPlace[] {
  if (chosen === undefined) return KNOWN_MAPS;
  const { namespace, name } = chosen;
  return [chosen, { namespace, name: name === CUSTOM ? 'coredns' : CUSTOM }];
}

/** What is to be looked at besides, once these are read: most clusters lack the namespace, and need not let us in. */
export function mapsToReadThen(maps: readonly TextMap[], chosen?: ChosenMap): readonly MapPlace[] {
  return chosen === undefined && placesIn(maps).every(({ dialect }) => dialect === 'nodelocal')
    ? [OPENSHIFT]
    : [];
}

/**
 * The Corefiles that are known although some ConfigMaps could not be read, and those of the latter without which a
 * Corefile is missing or not whole.
 */
export function placesDespite(
  places: readonly CorefilePlace[],
  unread: readonly UnreadMap[],
): { readonly places: readonly CorefilePlace[]; readonly unread: readonly UnreadMap[] } {
  const lacks = ({ main, dialect }: CorefilePlace, { namespace, name }: UnreadMap) =>
    name === CUSTOM &&
    namespace === main.namespace &&
    (dialect === 'coredns-custom' || main.text.includes('custom/'));
  return {
    places: places.filter(place => !unread.some(map => lacks(place, map))),
    unread: unread.filter(map => {
      if (map.name === CUSTOM) return places.some(place => lacks(place, map));
      if (map.name === 'kube-dns') return places.some(({ dialect }) => dialect === 'nodelocal');
      // Where CoreDNS's own may be there unseen, nobody knows whether this one counts.
      return map.namespace !== OPENSHIFT.namespace || !unread.some(({ name }) => name === 'coredns');
    }),
  };
}

/**
 * The Corefiles among these ConfigMaps: that of CoreDNS and, where it is there, that of NodeLocal DNSCache.
 *
 * @param chosen look at no other than this one; what its Corefile imports are keys of `coredns-custom` beside it
 */
export function placesIn(maps: readonly TextMap[], chosen?: ChosenMap): readonly CorefilePlace[] {
  const named = (namespace: string, name: string) =>
    maps.find(map => map.namespace === namespace && map.name === name);
  const custom = (namespace: string) => named(namespace, CUSTOM)?.data ?? {};
  const { namespace = SYSTEM, name = 'coredns', key = COREFILE } = chosen ?? {};
  if (chosen !== undefined && name !== CUSTOM) {
    const place = placeIn(named(namespace, name), key, custom(namespace));
    return place.map(one => (one.dialect === 'coredns-custom' ? inMain(one) : one));
  }
  const main = placeIn(named(namespace, 'coredns'), COREFILE, custom(namespace));
  if (chosen !== undefined) return main.map(one => inCustom(one, chosen.key));
  const operated = main.length > 0 ? [] : placeIn(named(OPENSHIFT.namespace, OPENSHIFT.name), COREFILE, {});
  const stubDomains = named(SYSTEM, 'kube-dns')?.data['stubDomains'];
  return [
    ...main,
    ...operated.map(operatedPlace),
    ...placeIn(named(SYSTEM, 'node-local-dns'), COREFILE, {}).map(place => ({ ...place, stubDomains })),
  ];
}

function placeIn(
  map: TextMap | undefined,
  key: string,
  custom: Readonly<Record<string, string>>,
): CorefilePlace[] {
  const text = map?.data[key];
  if (map === undefined || text === undefined) return [];
  const { namespace, name } = map;
  const read = readable(text);
  const dialect = read === undefined ? dialectByName(name) : dialectOf(read);
  const place: CorefilePlace = {
    dialect,
    main: { namespace, name, key, text },
    imported: new Map(Object.entries(custom)),
    stubDomains: undefined,
    target: { namespace, name, key },
    pods: { namespace, labelSelector: `k8s-app=${dialect === 'nodelocal' ? 'node-local-dns' : 'kube-dns'}` },
    metricsPort: metricsPort(read, new Map(Object.entries(custom)), dialect),
  };
  return [dialect === 'coredns-custom' ? inCustom(place, undefined) : place];
}

function inCustom(place: CorefilePlace, key = CUSTOM_KEY): CorefilePlace {
  const target = { namespace: place.main.namespace, name: CUSTOM, key };
  return { ...place, dialect: 'coredns-custom', target };
}

function inMain(place: CorefilePlace): CorefilePlace {
  const { namespace, name, key } = place.main;
  return { ...place, dialect: 'stock', target: { namespace, name, key } };
}

function operatedPlace(place: CorefilePlace): CorefilePlace {
  const labelSelector = 'dns.operator.openshift.io/daemonset-dns=default';
  return { ...place, dialect: 'openshift', pods: { namespace: OPENSHIFT.namespace, labelSelector } };
}

/** What does not parse has to be pointed at all the same: whoever reads it for good says what is wrong with it. */
function readable(text: string): Corefile | undefined {
  try {
    return readCorefile(text);
  } catch {
    return undefined;
  }
}

function dialectByName(name: string): Dialect {
  return name === 'node-local-dns' ? 'nodelocal' : 'stock';
}

function metricsPort(
  corefile: Corefile | undefined,
  files: ReadonlyMap<string, string>,
  dialect: Dialect,
): number {
  const [metrics] = serversIn(corefile, files).flatMap(server => pluginsOf(server, 'prometheus'));
  const [, port] = /:(\d+)$/.exec(metrics?.words[0]?.text ?? '') ?? [];
  return port === undefined ? (dialect === 'nodelocal' ? 9253 : 9153) : Number(port);
}

function serversIn(corefile: Corefile | undefined, files: ReadonlyMap<string, string>): readonly Server[] {
  try {
    return corefile === undefined ? [] : serversOf(corefile, files).servers;
  } catch {
    return [];
  }
}

/** The ConfigMap that a file lies in which a finding names. */
export function mapHolding(file: string, { main, imported }: CorefilePlace): string {
  if (file === main.key) return mapName(main);
  return mapName({ namespace: main.namespace, name: imported.has(file) ? CUSTOM : 'kube-dns' });
}

/** `kube-system/coredns` */
export function mapName({ namespace, name }: MapPlace): string {
  return `${namespace}/${name}`;
}
