import { describe, expect, test } from 'vitest';
import { reportOf } from '../../src/lookup/report.ts';
import { nothingBad } from '../../src/views/finding.ts';
import { factsOf, findingsOf, printed, type TestLookup } from '../kit/lookup.ts';
import { clusterOf, serviceOf, zoneOf } from '../kit/zone.ts';

const east = (weight?: number) => clusterOf('east', ['10.10.0.10'], weight === undefined ? {} : { weight });
const west = (weight?: number) => clusterOf('west', ['10.20.0.10'], weight === undefined ? {} : { weight });
const payments = (...clusters: Parameters<typeof serviceOf>[2]) =>
  zoneOf([serviceOf('shop', 'payments', clusters)], { localCluster: 'east' });

const WEIGHTED = payments(east(80), west(20), clusterOf('north', ['10.30.0.10'], { weight: 0 }));

const PAYMENTS = 'payments.shop.svc.clusterset.local';

test('a thousand draws', () => {
  const servers = [{ name: 'causeway-dns-1', zone: WEIGHTED }];
  const text = printed(factsOf({ servers, count: 1000 }));
  expect(text.slice(text.indexOf('1000 answers'))).toBe(`1000 answers in 1.3 s
east  configured   80.0 %  ████████████████████████████████████████
      observed     78.5 %  ███████████████████████████████████████▎
west  configured   20.0 %  ██████████
      observed     21.5 %  ██████████▊

✓ payments.shop.svc.clusterset.local: an answer
✓ payments.shop.svc.clusterset.local: within chance (p = 0.24; χ² = 1.41, 1 degree of freedom)
`);
});

describe('draws', () => {
  const servers = [{ name: 'a', zone: WEIGHTED }];
  const drawn = payments(east(50), west(50));

  test('too few of them tell nothing, and how many would', () => {
    expect(findingsOf({ servers, count: 20 }).at(-1)).toBe(
      `? ${PAYMENTS}: 20 answers are too few to tell; ask for 25 at least, with -n 25`,
    );
  });

  test('that are not what the daemon says are bad', () => {
    const lookup = { servers, daemons: [{ name: 'a', zone: drawn }], count: 1000 };
    expect(findingsOf(lookup).at(-1)).toMatch(/^✗ .*: not what is configured \(p < 0\.001; χ² = /);
    expect(nothingBad(reportOf(factsOf(lookup)).findings)).toBe(false);
  });

  test('of a cluster that is not to be drawn are bad, however few', () => {
    const daemons = [{ name: 'a', zone: payments(east(1), west(0)) }];
    const lookup = { servers: [{ name: 'a', zone: drawn }], daemons, count: 10 };
    expect(findingsOf(lookup).at(-1)).toBe(`✗ ${PAYMENTS}: not what is configured`);
  });

  test('of a service with one cluster are as they must be', () => {
    const lookup = { servers: [{ name: 'a', zone: payments(east()) }], count: 10 };
    expect(findingsOf(lookup).at(-1)).toBe(`✓ ${PAYMENTS}: within chance`);
  });

  test('of what is not drawn say so', () => {
    const zone = zoneOf([serviceOf('shop', 'payments', [east(), west()], { type: 'Headless' })]);
    expect(findingsOf({ servers: [{ name: 'a', zone }], count: 10 }).at(-1)).toBe(
      `? ${PAYMENTS}: nothing is drawn, or nobody says with which shares`,
    );
  });

  test('of a headless service are counted for each cluster whose endpoints are in them', () => {
    const zone = zoneOf([serviceOf('shop', 'payments', [east(), west()], { type: 'Headless' })]);
    const facts = factsOf({ servers: [{ name: 'a', zone }], count: 10 });
    expect(reportOf(facts).draws).toMatchObject({
      clusters: [
        { cluster: 'east', answers: 10 },
        { cluster: 'west', answers: 10 },
      ],
      unknown: 0,
      verdict: 'not-drawn',
    });
    expect(printed(facts)).toContain('\n10 answers in 1.3 s\neast  in 10 answers\nwest  in 10 answers\n');
  });

  test('of the clusterset IP have no address that is of nobody', () => {
    const zone = zoneOf([serviceOf('shop', 'payments', [east(), west()], { ips: ['10.96.0.7'] })]);
    const facts = factsOf({ servers: [{ name: 'a', zone }], count: 10 });
    expect(printed(facts)).toContain('\n10 answers in 1.3 s\n');
  });

  test('that nobody explains are not said to be of nobody', () => {
    const facts = factsOf({ servers: [{ name: 'a', zone: WEIGHTED }], daemons: [], count: 10 });
    expect(printed(facts)).toContain('\n10 answers in 1.3 s, 10 with addresses of no known cluster\n');
  });

  test('between clusters that have one address cannot be told apart', () => {
    const zone = payments(east(1), clusterOf('west', ['10.10.0.10'], { weight: 1 }));
    expect(findingsOf({ servers: [{ name: 'a', zone }], count: 10 }).at(-1)).toBe(
      `? ${PAYMENTS}: 10.10.0.10 stands for several clusters, so answers cannot be told apart`,
    );
  });

  test('some of which are missing are counted', () => {
    let replies = 0;
    const between = (reply: Buffer) => (++replies % 10 === 0 ? undefined : reply);
    const facts = factsOf({ servers: [{ name: 'a', zone: WEIGHTED, between }], count: 100 });
    expect(printed(facts)).toContain('90 answers in 1.3 s, 10 missing\n');
  });

  test('of SRV tell the cluster by the addresses that come along', () => {
    const lookup = { name: `_http._tcp.${PAYMENTS}`, type: 'SRV', servers, count: 1000 } as const;
    expect(findingsOf(lookup).at(-1)).toMatch(/^✓ .*: within chance/);
  });
});

describe('a cache in between', () => {
  const lookup = (ttl: number, seen: readonly number[]): TestLookup => {
    let replies = 0;
    const between = (reply: Buffer) => {
      // The TTL of the one answer: after its owner, which is a pointer, its type and its class.
      reply.writeUInt32BE(
        seen[replies++ % seen.length] ?? 0,
        reply.indexOf(Buffer.from('c00c00010001', 'hex')) + 6,
      );
      return reply;
    };
    const zone = zoneOf([serviceOf('shop', 'payments', [east(1)], { ttl })]);
    return {
      asked: 'coredns',
      servers: [{ name: 'coredns', zone, between }],
      daemons: [{ name: 'a', zone }],
      count: 6,
    };
  };
  const cure = '→ take `cache` out of the server block of the zone: docs/coredns.md says why';

  test.each([
    [
      'counts down',
      30,
      [30, 29, 28],
      `⚠ ${PAYMENTS}: the TTL counts down, from 30 to 28: a cache in between ${cure}`,
    ],
    [
      'holds for 5 s at least',
      0,
      [5, 4],
      `⚠ ${PAYMENTS}: the TTL is 5 where the daemon gives 0: a cache in between; CoreDNS's keeps nothing for less than 5 s ${cure}`,
    ],
  ])('%s', (_row, ttl, seen, finding) => {
    expect(findingsOf(lookup(ttl, seen))).toContain(finding);
  });

  test('has answers that are no draws, whatever they come to', () => {
    expect(findingsOf(lookup(30, [30, 29])).at(-1)).toBe(
      `? ${PAYMENTS}: the answers come out of a cache, so they are no draws`,
    );
  });

  test('is not suspected where the TTL stands still', () => {
    expect(findingsOf(lookup(30, [30])).join()).not.toContain('cache');
  });

  test('is not looked for between us and a replica', () => {
    expect(findingsOf({ ...lookup(30, [30, 29]), asked: 'replicas' }).join()).not.toContain('cache');
  });

  test('shows without anybody who says why, too', () => {
    expect(findingsOf({ ...lookup(30, [30, 29]), daemons: [] }).join()).toContain(
      'counts down, from 30 to 29',
    );
  });
});
