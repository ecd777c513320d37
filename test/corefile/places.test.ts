import { describe, expect, test } from 'vitest';
import { answeringBlocks, judge, reloadsItself } from '../../src/corefile/judge.ts';
import {
  type ChosenMap,
  type CorefilePlace,
  mapName,
  placesDespite,
  placesIn,
  type TextMap,
} from '../../src/corefile/places.ts';
import { corefiles } from '../kit/corefiles.ts';

const map = (name: string, data: Readonly<Record<string, string>>, namespace = 'kube-system'): TextMap => ({
  namespace,
  name,
  data,
});
const corefile = (name: string, Corefile: string, namespace?: string): TextMap =>
  map(name, { Corefile }, namespace);

/** `dialect: where the Corefile is → where the stanza goes, port of the metrics`. */
const shown = ({ dialect, main, target, metricsPort }: CorefilePlace): string =>
  `${dialect}: ${mapName(main)} ${main.key} → ${mapName(target)} ${target.key}, ${metricsPort}`;

describe('where the stanza goes', () => {
  test.each<{ what: string; maps: TextMap[]; chosen?: ChosenMap; places: string[] }>([
    {
      what: 'kubeadm',
      maps: [corefile('coredns', corefiles.kubeadm)],
      places: ['stock: kube-system/coredns Corefile → kube-system/coredns Corefile, 9153'],
    },
    {
      what: 'AKS, before anybody made coredns-custom',
      maps: [corefile('coredns', corefiles.aks)],
      places: [
        'coredns-custom: kube-system/coredns Corefile → kube-system/coredns-custom clusterset.server, 9153',
      ],
    },
    {
      what: 'k3s, with a coredns-custom of its own',
      maps: [
        corefile('coredns', corefiles.k3s),
        map('coredns-custom', { 'lab.server': 'lab.example {\n}\n' }),
      ],
      places: [
        'coredns-custom: kube-system/coredns Corefile → kube-system/coredns-custom clusterset.server, 9153',
      ],
    },
    {
      what: 'NodeLocal DNSCache before CoreDNS',
      maps: [corefile('coredns', corefiles.kubeadm), corefile('node-local-dns', corefiles.nodeLocal)],
      places: [
        'stock: kube-system/coredns Corefile → kube-system/coredns Corefile, 9153',
        'nodelocal: kube-system/node-local-dns Corefile → kube-system/node-local-dns Corefile, 9253',
      ],
    },
    {
      what: 'OpenShift',
      maps: [corefile('dns-default', '.:5353 {\n    prometheus 127.0.0.1:9153\n}\n', 'openshift-dns')],
      places: ['openshift: openshift-dns/dns-default Corefile → openshift-dns/dns-default Corefile, 9153'],
    },
    {
      what: 'a Corefile that does not parse',
      maps: [corefile('coredns', '.:53 {')],
      places: ['stock: kube-system/coredns Corefile → kube-system/coredns Corefile, 9153'],
    },
    { what: 'none', maps: [], places: [] },
    {
      what: 'one that is pointed at',
      maps: [
        map('my-dns', { config: '.:53 {\n    prometheus :9100\n}\n' }, 'dns'),
        corefile('coredns', corefiles.kind),
      ],
      chosen: { namespace: 'dns', name: 'my-dns', key: 'config' },
      places: ['stock: dns/my-dns config → dns/my-dns config, 9100'],
    },
    {
      what: 'one that imports, and is pointed at all the same',
      maps: [corefile('coredns', corefiles.aks)],
      chosen: { namespace: 'kube-system', name: 'coredns' },
      places: ['stock: kube-system/coredns Corefile → kube-system/coredns Corefile, 9153'],
    },
    {
      what: 'a key of coredns-custom that is pointed at',
      maps: [corefile('coredns', corefiles.aks)],
      chosen: { namespace: 'kube-system', name: 'coredns-custom', key: 'mesh.server' },
      places: ['coredns-custom: kube-system/coredns Corefile → kube-system/coredns-custom mesh.server, 9153'],
    },
    {
      what: 'one that is pointed at and not there',
      maps: [corefile('coredns', corefiles.kubeadm)],
      chosen: { namespace: 'dns', name: 'coredns' },
      places: [],
    },
  ])('$what', ({ maps, chosen, places }) => {
    expect(placesIn(maps, chosen).map(shown)).toEqual(places);
  });
});

describe('what could not be read', () => {
  const unread = (names: string[]) =>
    names.map(text => {
      const [namespace = '', name = ''] = text.split('/');
      return { namespace, name, reason: '403' };
    });
  const [coredns, custom, nodeLocal, stubs, openshift] = [
    ...['coredns', 'coredns-custom', 'node-local-dns', 'kube-dns'].map(name => `kube-system/${name}`),
    'openshift-dns/dns-default',
  ] as [string, string, string, string, string];

  test.each<{ what: string; maps: TextMap[]; without: string[]; known: string[]; missed: string[] }>([
    {
      what: 'what a Corefile does not import',
      maps: [corefile('coredns', corefiles.kubeadm)],
      without: [custom, stubs],
      known: [coredns],
      missed: [],
    },
    {
      what: 'what a Corefile imports',
      maps: [corefile('coredns', corefiles.aks)],
      without: [custom],
      known: [],
      missed: [custom],
    },
    {
      what: 'the stub domains of NodeLocal DNSCache',
      maps: [corefile('coredns', corefiles.kubeadm), corefile('node-local-dns', corefiles.nodeLocal)],
      without: [stubs],
      known: [coredns, nodeLocal],
      missed: [stubs],
    },
    {
      what: 'where CoreDNS has none, that of OpenShift',
      maps: [],
      without: [openshift],
      known: [],
      missed: [openshift],
    },
    {
      what: 'all of them',
      maps: [],
      without: [coredns, custom, nodeLocal, stubs, openshift],
      known: [],
      missed: [coredns, nodeLocal],
    },
  ])('$what', ({ maps, without, known, missed }) => {
    const found = placesDespite(placesIn(maps), unread(without));
    expect(found.places.map(({ main }) => mapName(main))).toEqual(known);
    expect(found.unread.map(mapName)).toEqual(missed);
  });
});

describe('a Corefile of a cluster', () => {
  const expected = { zone: 'clusterset.local', addresses: ['10.96.0.53'], clusterDns: ['10.96.0.10'] };
  const codes = (maps: readonly TextMap[]): string[] =>
    placesIn(maps).flatMap(place => judge(place, expected).map(({ code, file }) => `${code} ${file}`));
  const block = 'clusterset.local:53 {\n    forward . 10.96.0.53\n}\n';

  test('is judged with what it imports, and knows that there is nothing else', () => {
    expect(codes([corefile('coredns', corefiles.aks)])).toEqual(['STANZA_MISSING Corefile']);
    const custom = map('coredns-custom', { 'clusterset.server': block });
    expect(codes([corefile('coredns', corefiles.aks), custom])).toEqual(['STANZA_BY_HAND clusterset.server']);
  });

  test('is judged on the port that it listens on', () => {
    const text = `.:5353 {\n    reload\n}\n${block.replace(':53', ':5353')}`;
    expect(codes([corefile('dns-default', text, 'openshift-dns')])).toEqual(['STANZA_BY_HAND Corefile']);
  });

  test('of NodeLocal DNSCache is judged with the stub domains', () => {
    const maps = [corefile('node-local-dns', corefiles.nodeLocal + block)];
    const stubs = map('kube-dns', { stubDomains: '{"clusterset.local": ["10.96.0.53"]}' });
    expect(codes([...maps, stubs])).toEqual([
      'STANZA_BY_HAND Corefile',
      ...codes(maps).slice(1),
      'CACHE_IN_FRONT stubDomains',
    ]);
  });

  test('says which blocks answer, and whether it is read again', () => {
    const [aks] = placesIn([
      corefile('coredns', corefiles.aks),
      map('coredns-custom', { 'x.server': block }),
    ]);
    if (aks === undefined) throw new Error('there is a place');
    expect(answeringBlocks(aks, 'ClusterSet.local.')).toEqual([
      { file: 'x.server', line: 1, block: 'clusterset.local:53' },
    ]);
    expect(reloadsItself(aks)).toBe(true);
    const [plain] = placesIn([corefile('coredns', '.:53 {\n}\n')]);
    expect(plain && reloadsItself(plain)).toBe(false);
  });
});
