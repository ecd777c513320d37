import { describe, expect, test } from 'vitest';
import { readCorefile } from '../../src/corefile/read.ts';
import { answering, type Server, serversOf } from '../../src/corefile/servers.ts';
import { servedZones } from '../../src/corefile/zones.ts';

describe('the zones of a key', () => {
  test.each([
    { key: '.', zones: 'dns . 53' },
    { key: '.:53', zones: 'dns . 53' },
    { key: ':1053', zones: 'dns . 1053' },
    { key: 'Cluster.Local.', zones: 'dns cluster.local 53' },
    { key: 'dns://example.org:5353', zones: 'dns example.org 5353' },
    { key: 'tls://example.org', zones: 'tls example.org 853' },
    { key: 'quic://.', zones: 'quic . 853' },
    { key: 'https://.:8443', zones: 'https . 8443' },
    { key: 'grpc://example.org', zones: 'grpc example.org 443' },
    { key: '10.0.0.0/24', zones: 'dns 0.0.10.in-addr.arpa 53' },
    { key: '10.0.0.0/8:1053', zones: 'dns 10.in-addr.arpa 1053' },
    { key: '192.168.5.0/23', zones: 'dns 4.168.192.in-addr.arpa 53, dns 5.168.192.in-addr.arpa 53' },
    { key: '10.1.2.3/32', zones: 'dns 3.2.1.10.in-addr.arpa 53' },
    { key: 'fd00:a::/28', zones: 'dns 0.0.0.0.0.d.f.ip6.arpa 53' },
    { key: '{$ZONE}', zones: 'dns ? 53' },
    { key: '.:{$PORT}', zones: 'dns . ?' },
    { key: '{%ZONE%}:{%PORT%}', zones: 'dns ? ?' },
  ])('$key', ({ key, zones }) => {
    const found = servedZones(key).map(
      ({ transport, zone, port }) => `${transport} ${zone ?? '?'} ${port ?? '?'}`,
    );
    expect(found.join(', ')).toBe(zones);
  });
});

/** Each server as `keys: plugins`. */
const shown = ({ keys, directives }: Server): string =>
  `${keys.join(' ')}: ${directives.map(({ name }) => name.text).join(' ')}`;

describe('imports', () => {
  test.each([
    {
      what: 'of a snippet',
      text: '(a) {\n  errors\n  log\n}\n. {\n  reload\n  import a\n}\nb {\n  import a\n}',
      servers: ['.: reload errors log', 'b: errors log'],
    },
    {
      what: 'of a snippet with blocks in it, outside all blocks',
      text: '(a) {\n  b c {\n    errors\n  }\n  import d\n}\n(d) {\n  e {\n  }\n}\nimport a',
      servers: ['b c: errors', 'e: '],
    },
    {
      what: 'of files inside a block',
      text: '. {\n  import custom/*.override\n}',
      servers: ['.: log hosts'],
    },
    {
      what: 'of files outside all blocks, in the order of their names',
      text: 'import /etc/coredns/custom/*.server',
      servers: ['one.example: errors', 'two.example: forward'],
    },
    { what: 'of one file', text: 'import custom/2.server', servers: ['two.example: forward'] },
    {
      what: 'of what is not at hand',
      text: '. {\n  import other/*.conf\n}\nimport "missing"\nimport {$FILES}',
      servers: ['.: '],
      unseen: ['other/*.conf', 'missing', '{$FILES}'],
    },
    {
      what: 'of a snippet that is defined further down: a file to CoreDNS',
      text: '. {\n  import a\n}\n(a) {\n  errors\n}',
      servers: ['.: '],
      unseen: ['a'],
    },
  ])('$what', ({ text, servers, unseen = [] }) => {
    const files = new Map([
      ['2.server', 'two.example {\n  forward . 10.0.0.2\n}'],
      ['1.server', 'one.example {\n  errors\n}'],
      ['x.override', 'log\nhosts {\n  10.0.0.1 a\n}'],
      ['Corefile', 'not.this {\n}'],
    ]);
    const found = serversOf(readCorefile(text), files);
    expect(found.servers.map(shown)).toEqual(servers);
    expect(found.unseen.map(word => word.text)).toEqual(unseen);
  });

  test('a fault in an imported file is named by its file', () => {
    const files = new Map([['broken.server', 'a {\n\n  "\n}']]);
    expect(() => serversOf(readCorefile('import custom/*.server'), files)).toThrow(
      /^broken\.server:3: found/,
    );
  });
});

describe('who answers clusterset.local', () => {
  test.each([
    { what: 'the zone before the root', text: '. {\n}\nclusterset.local {\n}', lines: [3] },
    { what: 'the longest of its parents', text: '. {\n}\nlocal {\n}\nother.local {\n}', lines: [3] },
    { what: 'in any order and spelling', text: 'CLUSTERSET.LOCAL. {\n}\n. {\n}', lines: [1] },
    { what: 'nobody on another port', text: '.:5353 {\n}\ntls://. {\n}', lines: [] },
    { what: 'an unknown port may be the one', text: '.:{$PORT} {\n}', lines: [1] },
    { what: 'an unknown zone is none', text: '{$ZONE} {\n}\n. {\n}', lines: [3] },
    { what: 'several by their addresses', text: '. {\nbind a\n}\n. {\nbind b\n}', lines: [1, 4] },
    { what: 'a zone below does not', text: 'svc.clusterset.local {\n}\n. {\n}', lines: [3] },
    { what: 'nor one that merely ends alike', text: 'set.local {\n}', lines: [] },
  ])('$what', ({ text, lines }) => {
    const { servers } = serversOf(readCorefile(text));
    expect(answering(servers, 'clusterset.local', '53').map(({ line }) => line)).toEqual(lines);
  });
});
