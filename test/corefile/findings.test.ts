import { describe, expect, test } from 'vitest';
import { stubDomainFindings } from '../../src/corefile/cache.ts';
import { install } from '../../src/corefile/edit.ts';
import type { Expected } from '../../src/corefile/finding.ts';
import { findingsOf } from '../../src/corefile/findings.ts';
import { readCorefile } from '../../src/corefile/read.ts';
import { dialectOf, stanzaFor } from '../../src/corefile/stanza.ts';
import { corefiles, samples } from '../kit/corefiles.ts';

const expected = {
  zone: 'clusterset.local',
  port: '53',
  addresses: ['10.96.0.53', 'fd00::53'],
  clusterDns: ['10.96.0.10'],
} satisfies Expected;

/** Each finding as `line CODE`. */
function codes(text: string, files?: ReadonlyMap<string, string>): string[] {
  return findingsOf(readCorefile(text), expected, files).map(({ line, code }) => `${line} ${code}`);
}

/** A Corefile that is sound but for its block for the zone, which begins on line 4. */
const beside = (block: string): string => `.:53 {\n  reload\n}\n${block}`;
const block = (...lines: string[]): string =>
  beside(['clusterset.local:53 {', ...lines.map(line => `  ${line}`), '}', ''].join('\n'));

describe('the stanza', () => {
  test.each([
    { what: 'is missing', text: beside(''), found: ['1 STANZA_MISSING'] },
    { what: 'is missing, and nobody answers', text: '.:99 {\n  reload\n}', found: ['1 STANZA_MISSING'] },
    { what: 'is there by hand', text: block('forward . 10.96.0.53 fd00::53'), found: ['4 STANZA_BY_HAND'] },
    {
      what: 'is there by hand, in another block',
      text: '.:53 {\n  reload\n  forward . 8.8.8.8 {\n    except local\n  }\n  forward clusterset.local 10.96.0.53\n}\n',
      found: ['1 STANZA_BY_HAND'],
    },
    {
      what: 'is there behind another forward that takes everything',
      text: '.:53 {\n  reload\n  forward . 8.8.8.8\n  forward clusterset.local 10.96.0.53\n}\n',
      found: ['1 STANZA_MISSING'],
    },
    {
      what: 'is there by a snippet',
      text: '(up) {\n  forward . 10.96.0.53\n}\n.:53 {\n  reload\n}\nclusterset.local {\n  import up\n}\n',
      found: ['7 STANZA_BY_HAND'],
    },
    {
      what: 'is there twice',
      text: `${block('forward . 10.96.0.53')}clusterset.local {\n  forward . 10.96.0.53\n}\n`,
      found: ['4 STANZA_BY_HAND', '7 STANZA_BY_HAND', '7 ZONE_CLAIMED_TWICE'],
    },
    {
      what: 'has no forward',
      text: block('errors', 'forward example.org 10.96.0.53'),
      found: ['4 STANZA_BY_HAND', '4 FORWARD_MISSING'],
    },
    {
      what: 'has a zone below it elsewhere',
      text: `${block('forward . 10.96.0.53')}svc.clusterset.local {\n}\n`,
      found: ['4 STANZA_BY_HAND', '7 ZONE_BELOW_CLAIMED'],
    },
  ])('$what', ({ text, found }) => {
    expect(codes(text)).toEqual(found);
  });

  test.each(samples)('is all there is to say of $name once it is installed', ({ text, name }) => {
    const corefile = readCorefile(text);
    const options = { zone: 'clusterset.local', addresses: expected.addresses, dialect: dialectOf(corefile) };
    const installed = readCorefile(install(text, stanzaFor(corefile, options)));
    const line = installed.entries.at(-1)?.line;
    const unseen = /^(AKS|k3s)/.test(name) ? ['IMPORT_UNSEEN', 'IMPORT_UNSEEN'] : [];
    const found = findingsOf(installed, expected);
    expect(found.map(({ code }) => code)).toEqual(['STANZA_MANAGED', ...unseen]);
    expect(found[0]?.line).toBe(line);
    const before = findingsOf(corefile, expected).map(({ code }) => code);
    expect(before).toEqual(['STANZA_MISSING', ...unseen]);
  });

  test('is found in a file that the Corefile imports, by its marks', () => {
    const options = {
      zone: 'clusterset.local',
      addresses: expected.addresses,
      dialect: 'coredns-custom',
    } as const;
    const stanza = stanzaFor(readCorefile(corefiles.aks), options);
    const files = new Map([
      ['clusterset.server', install('', stanza)],
      ['log.override', 'log\n'],
    ]);
    expect(findingsOf(readCorefile(corefiles.aks), expected, files)).toMatchObject([
      { code: 'STANZA_MANAGED', file: 'clusterset.server', line: 3 },
    ]);
  });
});

describe('cache in front', () => {
  test.each([
    { cache: ['cache'], seconds: 5 },
    { cache: ['cache 30'], seconds: 5 },
    { cache: ['cache 2'], seconds: 2 },
    { cache: ['cache 30 clusterset.local'], seconds: 5 },
    { cache: ['cache local'], seconds: 5 },
    { cache: ['cache 30 {', '  success 9984 60 20', '}'], seconds: 20 },
    { cache: ['cache {', '  success 9984 1', '  denial 9984 1', '}'], seconds: 1 },
    { cache: ['cache {', '  success 9984 30 0', '}'], seconds: 5 },
    { cache: ['cache {', '  disable success', '}'], seconds: 5 },
  ])('$cache keeps an answer for $seconds s', ({ cache, seconds }) => {
    const findings = findingsOf(readCorefile(block('forward . 10.96.0.53', ...cache)), expected);
    expect(findings).toMatchObject([
      { code: 'STANZA_BY_HAND' },
      { code: 'CACHE_IN_FRONT', line: 6, meaning: expect.stringContaining(`kept for ${seconds} s at least`) },
    ]);
  });

  test.each([
    { cache: ['cache 30 cluster.local'] },
    { cache: ['cache 30 {', '  success 9984 30 0', '  denial 9984 30 0', '}'] },
    { cache: ['cache {', '  disable success', '  disable denial clusterset.local', '}'] },
  ])('$cache keeps none', ({ cache }) => {
    expect(codes(block('forward . 10.96.0.53', ...cache))).toEqual(['4 STANZA_BY_HAND']);
  });

  test('in the block that answers, not in another', () => {
    const text = '.:53 {\n  reload\n  cache 30\n}\nclusterset.local {\n  forward . 10.96.0.53\n}\n';
    expect(codes(text)).toEqual(['5 STANZA_BY_HAND']);
  });

  test.each([
    { text: '{"clusterset.local": ["10.96.0.53"]}', found: ['stubDomains has clusterset.local'] },
    { text: '{"LOCAL.": ["10.96.0.53"], "example.org": ["10.0.0.1"]}', found: ['stubDomains has LOCAL.'] },
    { text: '{"acme.local": ["10.0.0.1"]}', found: [] },
    { text: '["clusterset.local"]', found: [] },
    { text: 'null', found: [] },
    { text: '{', found: [] },
  ])('stubDomains $text', ({ text, found }) => {
    expect(stubDomainFindings(text, 'clusterset.local').map(finding => finding.found)).toEqual(found);
  });
});

describe('forward', () => {
  test.each([
    { to: '10.96.0.53', found: [] },
    { to: 'FD00:0::53', found: [] },
    { to: 'dns://10.96.0.53:53', found: [] },
    { to: '[fd00::53]:53', found: [] },
    { to: '{$CAUSEWAY}', found: [] },
    { to: '10.96.0.54', found: ['5 FORWARD_STALE'] },
    { to: '10.96.0.53:5353', found: ['5 FORWARD_STALE'] },
    { to: '10.96.0.53 10.96.0.54', found: ['5 FORWARD_STALE'] },
    { to: '10.96.0.10', found: ['5 FORWARD_TO_ITSELF'] },
    { to: 'causeway-dns.causeway.svc.cluster.local', found: ['5 FORWARD_BY_NAME'] },
    {
      to: '10.96.0.10 /etc/resolv.conf 1.1.1.1',
      found: ['5 FORWARD_TO_ITSELF', '5 FORWARD_STALE', '5 FORWARD_BY_NAME'],
    },
  ])('to $to', ({ to, found }) => {
    expect(codes(block(`forward . ${to}`))).toEqual(['4 STANZA_BY_HAND', ...found]);
  });

  test('to CoreDNS itself is worse with loop', () => {
    const meaning = (...lines: string[]): string | undefined =>
      findingsOf(readCorefile(block('forward . 10.96.0.10', ...lines)), expected)[1]?.meaning;
    expect(meaning()).toContain('run in circles');
    expect(meaning('loop')).toContain('it ends itself');
  });

  test.each([
    { what: 'while nobody knows the ClusterIP, nothing is stale', addresses: undefined, found: [] },
    { what: 'where there is none, every address is', addresses: [], found: ['FORWARD_STALE'] },
  ])('$what', ({ addresses, found }) => {
    const said = findingsOf(readCorefile(block('forward . 10.0.0.1')), { ...expected, addresses });
    expect(said.map(({ code }) => code)).toEqual(['STANZA_BY_HAND', ...found]);
  });
});

describe('bind', () => {
  const two = (root: string, own: string): string =>
    `.:53 {\n  reload\n  ${root}\n}\nclusterset.local {\n  forward . 10.96.0.53\n  ${own}\n}\n`;

  test.each([
    { root: '', own: '', lost: undefined },
    { root: 'bind a b', own: 'bind b a', lost: undefined },
    { root: 'bind a', own: 'bind a b', lost: undefined },
    { root: 'bind a', own: '', lost: 'takes the zone on a:' },
    { root: 'bind a b\n  bind c', own: 'bind b', lost: 'takes the zone on a c:' },
    { root: '', own: 'bind a', lost: 'takes the zone on every other address:' },
  ])('"$root" in the root, "$own" in the stanza', ({ root, own, lost }) => {
    const found = findingsOf(readCorefile(two(root, own)), expected).slice(1);
    expect(found).toEqual(
      lost === undefined
        ? []
        : [expect.objectContaining({ code: 'BIND_MISSING', meaning: expect.stringContaining(lost) })],
    );
  });
});

describe('kubernetes with the zone', () => {
  const claiming =
    '.:53 {\n  reload\n  kubernetes cluster.local clusterset.local {\n    multicluster clusterset.local\n  }\n}\n';

  test.each([
    {
      what: 'in the block that answers',
      text: claiming,
      found: ['1 STANZA_MISSING', '3 KUBERNETES_CLAIMS_ZONE'],
    },
    {
      what: 'beside the stanza',
      text: `${claiming}clusterset.local {\n  forward . 10.96.0.53\n}\n`,
      found: ['7 STANZA_BY_HAND', '3 KUBERNETES_CLAIMS_ZONE'],
    },
    { what: 'without it', text: corefiles.kind, found: ['1 STANZA_MISSING'] },
  ])('$what', ({ text, found }) => {
    expect(codes(text)).toEqual(found);
  });
});

test('no reload anywhere, and imports that are not at hand', () => {
  expect(codes('.:53 {\n  import custom/*.override\n}\nimport custom/*.server\n')).toEqual([
    '1 STANZA_MISSING',
    '1 RELOAD_MISSING',
    '2 IMPORT_UNSEEN',
    '4 IMPORT_UNSEEN',
  ]);
});
