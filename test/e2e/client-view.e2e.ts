import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CoreDns, startCoreDns } from './kit/coredns.ts';
import { Daemon } from './kit/daemon.ts';
import { dig, type Reply } from './kit/dig.ts';
import { draw } from './kit/draws.ts';
import { exported, podAddresses, type ScratchMesh, scratchMesh } from './kit/mesh.ts';
import { freePort } from './kit/ports.ts';
import { onLoopback, readStanza, stock } from './kit/stanza.ts';

/** What a client sees that asks CoreDNS: the sample mesh and two big headless services, behind the stock stanza. */
let mesh: ScratchMesh;
let daemon: Daemon;
let coreDns: CoreDns;
let port: number;

beforeAll(async () => {
  mesh = await scratchMesh();
  await mesh.write('east', 'crowd.yaml', exported({ name: 'crowd', endpoints: podAddresses(45) }));
  await mesh.write('east', 'throng.yaml', exported({ name: 'throng', endpoints: podAddresses(100) }));
  daemon = await Daemon.start(mesh.path);
  port = await freePort();
  coreDns = await startCoreDns(onLoopback(await readStanza(stock), port, daemon.address));
});

afterAll(async () => {
  await coreDns?.stop();
  await daemon?.stop();
  await mesh?.remove();
});

describe('negative answers', () => {
  const soa = { owner: 'clusterset.local.', ttl: 5, type: 'SOA' };
  const soaData = /^ns\.dns\.clusterset\.local\. hostmaster\.clusterset\.local\. \d+ 7200 1800 86400 5$/;

  test.each([
    { ask: 'nosuch.shop.svc.clusterset.local', status: 'NXDOMAIN' },
    { ask: 'payments.nosuch.svc.clusterset.local', status: 'NXDOMAIN' },
    { ask: 'nosuch.ledger.shop.svc.clusterset.local', status: 'NXDOMAIN' },
    { ask: 'payments.shop.svc.clusterset.local MX', status: 'NOERROR' },
    { ask: 'payments.shop.svc.clusterset.local HTTPS', status: 'NOERROR' },
    { ask: 'search.shop.svc.clusterset.local AAAA', status: 'NOERROR' },
    { ask: 'shop.svc.clusterset.local', status: 'NOERROR' },
    { ask: 'clusterset.local', status: 'NOERROR' },
  ])('$ask: $status, authoritative, with the SOA and nothing else', async ({ ask, status }) => {
    for (const transport of ['+notcp', '+tcp']) {
      const reply = await dig(port, `${ask} ${transport}`);
      expect(reply).toMatchObject({ status, answer: [], authority: [soa] });
      expect(reply.authority[0]?.data).toMatch(soaData);
      expect(reply.flags).toContain('aa');
    }
  });
});

describe('positive answers', () => {
  test('are authoritative and carry the TTL of the daemon', async () => {
    const reply = await dig(port, 'payments.shop.svc.clusterset.local');
    expect(reply.flags).toContain('aa');
    expect(reply.answer).toMatchObject([{ ttl: 5, type: 'A' }]);
  });

  test('keep the spelling of the question (draft-vixie-dnsext-dns0x20)', async () => {
    const spelt = 'pAymEntS.Shop.sVc.CLUSTERset.locaL.';
    const reply = await dig(port, `${spelt} SRV`);
    expect(reply.question).toBe(spelt);
    expect(reply.answer.map(({ owner }) => owner)).toEqual([spelt, spelt]);
  });

  test('ANY gets one record set, not all of them (RFC 8482)', async () => {
    const reply = await dig(port, 'ledger.shop.svc.clusterset.local ANY +notcp');
    expect(reply.status).toBe('NOERROR');
    expect(new Set(reply.answer.map(({ type }) => type)).size).toBe(1);
  });
});

describe('answers above 512 octets', () => {
  const name = (service: string): string => `${service}.shop.svc.clusterset.local`;
  const cut = (reply: Reply): boolean => reply.flags.includes('tc');

  test.each([
    { service: 'crowd', size: '+noedns' },
    { service: 'crowd', size: '+bufsize=512' },
    { service: 'throng', size: '+noedns' },
    { service: 'throng', size: '+bufsize=1232' },
    // A client may take more; the daemon sends no datagram that could be fragmented on its way.
    { service: 'throng', size: '+bufsize=4096' },
  ])('$service with $size: truncated over UDP, whole over TCP', async ({ service, size }) => {
    const first = await dig(port, `${name(service)} ${size} +ignore`);
    expect(first).toMatchObject({ status: 'NOERROR', protocol: 'UDP' });
    expect(cut(first)).toBe(true);

    const followed = await dig(port, `${name(service)} ${size}`);
    expect(followed).toMatchObject({ status: 'NOERROR', protocol: 'TCP' });
    expect(cut(followed)).toBe(false);
    expect(followed.answer).toHaveLength(service === 'crowd' ? 45 : 100);
  });

  test('crowd with +bufsize=1232: whole over UDP', async () => {
    const reply = await dig(port, `${name('crowd')} +bufsize=1232 +ignore`);
    expect(reply.protocol).toBe('UDP');
    expect(cut(reply)).toBe(false);
    expect(reply.answer).toHaveLength(45);
  });
});

describe('weighted answers', () => {
  test('3,000 look-ups of an 80/20 service are split 80/20', async () => {
    const count = 3_000;
    const seen = await draw(port, 'payments.shop.svc.clusterset.local', count);
    expect([...seen.keys()].sort()).toEqual(['10.10.0.10', '10.20.0.10']);
    // Five standard deviations of the binomial distribution: 110 look-ups, or 3.7 points. A right split falls outside
    // once in 1.7 million runs; 75/25 falls inside about once in 80.
    const bound = 5 * Math.sqrt(count * 0.8 * 0.2);
    expect(Math.abs((seen.get('10.10.0.10') ?? 0) - count * 0.8)).toBeLessThan(bound);
  });

  test('a drained cluster is never drawn', async () => {
    expect([...(await draw(port, 'search.shop.svc.clusterset.local', 200)).keys()]).toEqual(['10.20.0.12']);
  });
});
