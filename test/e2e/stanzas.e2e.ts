import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CoreDns, startCoreDns } from './kit/coredns.ts';
import { Daemon, sampleMesh } from './kit/daemon.ts';
import { dig, sortedData } from './kit/dig.ts';
import { freePort } from './kit/ports.ts';
import {
  aks,
  nodeLocal,
  onLoopback,
  openShift,
  placeholder,
  readStanza,
  stanzas,
  stock,
} from './kit/stanza.ts';

/** Every stanza of corefile/ in the real CoreDNS, in front of the real daemon on the sample mesh. */
let daemon: Daemon;

beforeAll(async () => {
  daemon = await Daemon.start(sampleMesh);
});

afterAll(async () => {
  await daemon?.stop();
});

describe.each(stanzas)('$file', stanza => {
  let coreDns: CoreDns;
  let port: number;

  beforeAll(async () => {
    port = await freePort();
    coreDns = await startCoreDns(onLoopback(await readStanza(stanza), port, daemon.address));
  });

  afterAll(async () => {
    await coreDns?.stop();
  });

  test.each([
    { what: 'A of a service only one cluster exports', ask: 'metrics.platform', expected: ['10.30.0.14'] },
    { what: 'AAAA of it', ask: 'metrics.platform AAAA', expected: ['fd30::14'] },
    {
      what: 'A of a service whose only healthy cluster is remote',
      ask: 'catalog.shop',
      expected: ['10.20.0.13'],
    },
    {
      what: 'A of a headless service in two clusters',
      ask: 'ledger.shop',
      expected: ['10.10.1.31', '10.10.1.32', '10.20.1.31', '10.20.1.32'],
    },
    { what: 'A of one pod of it', ask: 'ledger-1.west.ledger.shop', expected: ['10.20.1.32'] },
    {
      what: 'SRV of a named port',
      ask: '_http._tcp.payments.shop SRV',
      expected: [expect.stringMatching(/^0 \d+ 80 payments\.shop\.svc\.clusterset\.local\.$/)],
    },
  ])('$what, over UDP and over TCP', async ({ ask, expected }) => {
    const [name, type = 'A'] = ask.split(' ');
    for (const transport of ['+notcp', '+tcp']) {
      const reply = await dig(port, `${name}.svc.clusterset.local ${type} ${transport}`);
      expect(reply).toMatchObject({ status: 'NOERROR', protocol: transport === '+tcp' ? 'TCP' : 'UDP' });
      expect(sortedData(reply)).toEqual(expected);
    }
  });

  test('SRV brings the addresses of its target along', async () => {
    const reply = await dig(port, '_sql._tcp.ledger.shop.svc.clusterset.local SRV');
    expect(reply.answer.map(({ data }) => data.split(' ').at(-1)).sort()).toEqual(
      ['ledger-0.east', 'ledger-0.west', 'ledger-1.east', 'ledger-1.west'].map(
        pod => `${pod}.ledger.shop.svc.clusterset.local.`,
      ),
    );
    expect(reply.additional.filter(({ type }) => type === 'A')).toHaveLength(4);
  });

  test('is refused by CoreDNS until the address is filled in', async () => {
    const unfilled = onLoopback(await readStanza(stanza), port, placeholder);
    await expect(startCoreDns(unfilled)).rejects.toThrow(placeholder);
  });
});

describe('the transport to the daemon', () => {
  test.each([
    { stanza: stock, client: '+notcp', upstream: 'udp' },
    { stanza: stock, client: '+tcp', upstream: 'tcp' },
    { stanza: aks, client: '+notcp', upstream: 'udp' },
    { stanza: aks, client: '+tcp', upstream: 'tcp' },
    { stanza: openShift, client: '+notcp', upstream: 'udp' },
    { stanza: openShift, client: '+tcp', upstream: 'tcp' },
    { stanza: nodeLocal, client: '+notcp', upstream: 'tcp' },
    { stanza: nodeLocal, client: '+tcp', upstream: 'tcp' },
  ] as const)('$stanza.file: a client with $client is passed on over $upstream', async row => {
    const port = await freePort();
    const coreDns = await startCoreDns(onLoopback(await readStanza(row.stanza), port, daemon.address));
    try {
      const [before, otherBefore] = await counts(row.upstream);
      await dig(port, `payments.shop.svc.clusterset.local ${row.client}`);
      expect(await counts(row.upstream)).toEqual([before + 1, otherBefore]);
    } finally {
      await coreDns.stop();
    }
  });

  async function counts(upstream: 'udp' | 'tcp'): Promise<[number, number]> {
    return [await daemon.queries(upstream), await daemon.queries(upstream === 'udp' ? 'tcp' : 'udp')];
  }
});

describe('the cache', () => {
  test.each([stock, nodeLocal, aks])('$file has none', async stanza => {
    const directives = (await readStanza(stanza)).replaceAll(/#.*/g, '');
    expect(directives).not.toMatch(/\bcache\b/);
  });
});
