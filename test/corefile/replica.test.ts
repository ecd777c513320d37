import { describe, expect, test } from 'vitest';
import { runningCoreDns, runningStanza, runningZones } from '../../src/corefile/replica.ts';

/** As CoreDNS 1.14 writes it; the last two as 1.8 did, and with a view. */
const page = `# HELP coredns_panics_total A metrics that counts the number of panics.
# TYPE coredns_panics_total counter
coredns_panics_total 0
# HELP coredns_plugin_enabled A metric that indicates whether a plugin is enabled on per server and zone basis.
# TYPE coredns_plugin_enabled gauge
coredns_plugin_enabled{name="cache",server="dns://:53",view="",zone="."} 1
coredns_plugin_enabled{name="errors",server="dns://:53",view="",zone="clusterset.local."} 1
coredns_plugin_enabled{name="forward",server="dns://:53",view="",zone="."} 1
coredns_plugin_enabled{name="forward",server="dns://:53",view="",zone="clusterset.local."} 1
coredns_plugin_enabled{name="prometheus",server="dns://:53",view="",zone="clusterset.local."} 1
coredns_plugin_enabled{name="forward",server="dns://[::1]:53",zone="Old.Example."} 1
coredns_plugin_enabled{name="cache",server="dns://:53",view="a \\"b\\" \\\\ c",zone="."} 1.0
coredns_plugin_enabled{name="loop",server="dns://:53",view="",zone="."} 0
`;

test('says which plugins are at work for which zone', () => {
  const shown = runningZones(page).map(
    ({ server, zone, view, plugins }) => `${server} ${zone} [${view}] ${[...plugins].join(' ')}`,
  );
  expect(shown).toEqual([
    'dns://:53 . [] cache forward',
    'dns://:53 clusterset.local [] errors forward prometheus',
    'dns://[::1]:53 old.example [] forward',
    'dns://:53 . [a "b" \\ c] cache',
  ]);
});

describe('the stanza of a running CoreDNS', () => {
  const zone = (...plugins: string[]): string =>
    plugins
      .map(
        name =>
          `coredns_plugin_enabled{name="${name}",server="dns://:53",view="",zone="clusterset.local."} 1\n`,
      )
      .join('');

  test.each([
    { what: 'is there', text: page, expected: { present: true, cached: false } },
    {
      what: 'is there behind a cache',
      text: zone('forward', 'cache'),
      expected: { present: true, cached: true },
    },
    {
      what: 'is not there',
      text: page.replaceAll('clusterset', 'other'),
      expected: { present: false, cached: false },
    },
    {
      what: 'forwards nothing',
      text: zone('errors', 'kubernetes'),
      expected: { present: false, cached: false },
    },
    { what: 'cannot be seen', text: '<html>', expected: { present: false, cached: false } },
    {
      what: 'is there, to Windows',
      text: page.replaceAll('\n', '\r\n'),
      expected: { present: true, cached: false },
    },
  ])('$what', ({ text, expected }) => {
    expect(runningStanza(runningZones(text), 'ClusterSet.local.')).toEqual(expected);
  });
});

describe('what reload counts', () => {
  test.each([
    {
      what: 'nothing taken up since the start',
      text: 'coredns_reload_failed_total 0\n',
      seen: undefined,
      refusals: 0,
    },
    {
      what: 'a text taken up',
      text: 'coredns_reload_failed_total 0\ncoredns_reload_version_info{hash="sha512",value="ab12"} 1\n',
      seen: 'ab12',
      refusals: 0,
    },
    {
      what: 'a text refused',
      text: 'coredns_reload_version_info{hash="sha512",value="cd34"} 1\ncoredns_reload_failed_total 2\n',
      seen: 'cd34',
      refusals: 2,
    },
    { what: 'a CoreDNS without reload', text: page, seen: undefined, refusals: 0 },
  ])('$what', ({ text, seen, refusals }) => {
    expect(runningCoreDns(text)).toMatchObject({ seen, refusals });
  });

  test.each([
    { version: '1.7.1', tells: false },
    { version: '1.8.0', tells: true },
    { version: '1.14.3', tells: true },
    { version: '2.0.0', tells: true },
  ])('CoreDNS $version tells of texts: $tells', ({ version, tells }) => {
    const text = `coredns_build_info{goversion="go1.25.1",revision="",version="${version}"} 1\n`;
    expect(runningCoreDns(text).tells).toBe(tells);
  });
});
