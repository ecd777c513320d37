import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readCorefile } from '../../src/corefile/read.ts';
import { CUSTOM_KEY, type Dialect, dialectOf, stanzaFor, stanzaText } from '../../src/corefile/stanza.ts';
import { corefiles } from '../kit/corefiles.ts';

const placeholder = '<CAUSEWAY_CLUSTER_IP>';
const plain = { zone: 'clusterset.local', addresses: ['10.96.0.53'], dialect: 'stock' } as const;

function pasted(file: string): string {
  return readFileSync(join(import.meta.dirname, '../../corefile', file), 'utf8');
}

/** The lines that CoreDNS reads. */
const live = (text: string): string => text.replaceAll(/^[ \t]*#.*\n?/gm, '').trimEnd();

describe('says what the file of corefile/ says', () => {
  const custom = (parse(pasted('aks-coredns-custom.yaml')) as { data: Record<string, string> }).data;

  test.each([
    { dialect: 'stock', base: corefiles.kubeadm, file: pasted('stock.Corefile') },
    { dialect: 'coredns-custom', base: corefiles.aks, file: custom[CUSTOM_KEY] ?? '' },
    {
      dialect: 'nodelocal',
      base: corefiles.nodeLocal.replaceAll('169.254.20.10 10.96.0.10', '169.254.20.10'),
      file: pasted('nodelocaldns.Corefile'),
    },
  ] as const)('$dialect', ({ dialect, base, file }) => {
    const stanza = stanzaFor(readCorefile(base), { ...plain, dialect });
    expect(live(stanzaText(stanza))).toBe(live(file).replace(placeholder, '10.96.0.53'));
  });
});

test('stands between marks that say who manages it', () => {
  expect(stanzaText(stanzaFor(readCorefile(corefiles.kind), plain)).split('\n')).toEqual([
    '# causeway: begin',
    '# Managed: `causeway coredns install` writes these lines anew, `causeway coredns remove` takes them out.',
    'clusterset.local:53 {',
    '    errors',
    '    forward . 10.96.0.53 {',
    '        max_concurrent 1000',
    '    }',
    '    prometheus :9153',
    '}',
    '# causeway: end',
  ]);
});

describe('takes over from the block that answers the zone so far', () => {
  test.each([
    { what: 'its port', corefile: '.:1053 {\n}\n', expected: { port: '1053' } },
    { what: 'port 53 where it has several', corefile: '.:5353 .:53 {\n}\n', expected: { port: '53' } },
    { what: 'not a port of another transport', corefile: 'tls://.:853 {\n}\n', expected: { port: '53' } },
    { what: 'not a port that is unknown', corefile: '.:{$PORT} {\n}\n', expected: { port: '53' } },
    {
      what: 'its bind lines',
      corefile: '.:53 {\n  bind 10.0.0.1 fd00::1\n  bind eth0 {\n    except 10.9.9.9\n  }\n}\n',
      expected: { bind: ['bind 10.0.0.1 fd00::1', 'bind eth0 {', '    except 10.9.9.9', '}'] },
    },
    {
      what: 'bind from a snippet',
      corefile: '(where) {\n  bind {$POD_IP}\n}\n.:53 {\n  import where\n}\n',
      expected: { bind: ['bind {$POD_IP}'] },
    },
    {
      what: 'bind of the longest zone',
      corefile: '.:53 {\n  bind 10.0.0.1\n}\nlocal:53 {\n  bind 10.0.0.2\n}\ncluster.local:53 {\n}\n',
      expected: { bind: ['bind 10.0.0.2'] },
    },
    {
      what: 'its address of metrics',
      corefile: '.:53 {\n  prometheus 127.0.0.1:9999\n}\n',
      expected: { prometheus: ['prometheus 127.0.0.1:9999'] },
    },
    {
      what: 'nothing from nobody',
      corefile: '',
      expected: { port: '53', bind: [], prometheus: ['prometheus :9153'] },
    },
    {
      what: 'nothing from a block for the zone itself',
      corefile: 'clusterset.local:1053 {\n  bind 10.0.0.1\n}\n',
      expected: { port: '53', bind: [] },
    },
  ])('$what', ({ corefile, expected }) => {
    expect(stanzaFor(readCorefile(corefile), plain)).toMatchObject(expected);
  });

  test('words keep the quotes that they need', () => {
    const corefile = readCorefile('. {\n  bind "a b" c "#d" "" "e\\"f g"\n}\n');
    const [line = ''] = stanzaFor(corefile, plain).bind;
    expect(line).toBe('bind "a b" c "#d" "" "e\\"f g"');
  });

  test('bind from a file that it imports', () => {
    const corefile = readCorefile('.:53 {\n  import custom/*.override\n}\n');
    const files = new Map([['a.override', 'bind 10.0.0.7\n']]);
    expect(stanzaFor(corefile, plain, files).bind).toEqual(['bind 10.0.0.7']);
  });
});

describe('takes', () => {
  test.each([
    { zone: 'ClusterSet.Local.', addresses: ['10.0.0.1'], line: 'clusterset.local:53 {', to: '10.0.0.1' },
    { zone: 'mesh', addresses: ['fd00::53', '10.0.0.1'], line: 'mesh:53 {', to: 'fd00::53 10.0.0.1' },
    {
      zone: 'a.b',
      addresses: ['[fd00::53]:1053', '10.0.0.1:1053'],
      line: 'a.b:53 {',
      to: '[fd00::53]:1053 10.0.0.1:1053',
    },
  ])('$zone, $addresses', ({ zone, addresses, line, to }) => {
    const text = stanzaText(stanzaFor(readCorefile(''), { zone, addresses, dialect: 'stock' }));
    expect(text).toContain(`\n${line}\n`);
    expect(text).toContain(`forward . ${to} {`);
  });
});

describe('refuses', () => {
  test.each([
    { zone: '.', addresses: ['10.0.0.1'], message: 'zone: found ".", must be a DNS name' },
    { zone: 'a {\n}', addresses: ['10.0.0.1'], message: 'zone: found "a {\\n}", must be a DNS name' },
    { zone: 'a', addresses: [], message: 'addresses: found none, must be one ClusterIP at least' },
    { zone: 'a', addresses: ['causeway-dns'], message: /found "causeway-dns", must be an IP address/ },
    { zone: 'a', addresses: ['10.0.0.1', '10.0.0.1 {'], message: /found "10.0.0.1 {", must be/ },
    { zone: 'a', addresses: ['10.0.0.1:99999'], message: /must be an IP address, with or without a port/ },
    { zone: 'a', addresses: ['fd00::1%eth0'], message: /must be an IP address/ },
    { zone: 'a', addresses: ['[10.0.0.1]'], message: /must be an IP address/ },
  ])('$zone, $addresses', ({ zone, addresses, message }) => {
    expect(() => stanzaFor(readCorefile(''), { zone, addresses, dialect: 'stock' })).toThrow(message);
  });
});

test.each([
  ['kubeadm', 'stock'],
  ['kind', 'stock'],
  ['eks', 'stock'],
  ['handEdited', 'stock'],
  ['aks', 'coredns-custom'],
  ['k3s', 'coredns-custom'],
  ['nodeLocal', 'nodelocal'],
  ['gke', 'nodelocal'],
] as const satisfies readonly (readonly [keyof typeof corefiles, Dialect])[])(
  '%s asks for %s',
  (name, dialect) => {
    expect(dialectOf(readCorefile(corefiles[name]))).toBe(dialect);
  },
);
