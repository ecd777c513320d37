import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { Announcer, digLine } from '../../src/apps/announce.ts';
import type { MergedService } from '../../src/mesh/model.ts';
import { loggerTo } from '../../src/ops/log.ts';
import type { BoundAddress } from '../../src/serve/transport.ts';
import { clusterOf, serviceOf } from '../kit/zone.ts';

function udpOn(address: string, port: number): BoundAddress {
  return { protocol: 'udp', address, port };
}

const both = (weights: readonly [number?, number?]) =>
  ['east', 'west'].map((cluster, index) => {
    const weight = weights[index];
    return clusterOf(cluster, ['10.0.0.1'], weight === undefined ? {} : { weight });
  });
const cart = serviceOf('shop', 'cart', both([]));
const payments = serviceOf('shop', 'payments', both([80, 20]));
const search = serviceOf('shop', 'search', both([100, 0]));

describe('the line to paste', () => {
  test.each([
    ['127.0.0.1', 1053, 'dig @127.0.0.1 -p 1053 cart.shop.svc.clusterset.local'],
    ['0.0.0.0', 53, 'dig @127.0.0.1 -p 53 cart.shop.svc.clusterset.local'],
    ['::', 53, 'dig @::1 -p 53 cart.shop.svc.clusterset.local'],
    ['fd00::53', 53, 'dig @fd00::53 -p 53 cart.shop.svc.clusterset.local'],
  ])('on %s port %i', (address, port, line) => {
    expect(digLine(udpOn(address, port), 'clusterset.local', cart)).toBe(line);
  });

  test('without any service asks for what every zone has', () => {
    expect(digLine(udpOn('127.0.0.1', 53), 'mesh.test', undefined)).toBe(
      'dig @127.0.0.1 -p 53 dns-version.mesh.test TXT',
    );
  });
});

/** What is announced where these services are loaded, one batch each. */
function announced(services: readonly MergedService[]): string[] {
  const messages: string[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      messages.push(JSON.parse(String(chunk)).msg);
      done();
    },
  });
  const announcer = new Announcer(loggerTo(stream, 'info'), 'clusterset.local');
  announcer.listening([{ protocol: 'http', address: '127.0.0.1', port: 9353 }]);
  announcer.listening([udpOn('127.0.0.1', 1053), { ...udpOn('127.0.0.1', 1053), protocol: 'tcp' }]);
  for (const service of services) {
    announcer.loaded({ services: new Map([[service.name, service]]), namespaces: new Set(['shop']) });
  }
  announcer.ready({});
  return messages;
}

test.each([
  ['weights on several clusters show most', [search, cart, payments], 'payments'],
  ['then the first by name', [search, cart], 'cart'],
])('%s', (_name, services, shown) => {
  expect(announced(services)).toEqual([
    'listening on 127.0.0.1:9353',
    'listening on 127.0.0.1:1053',
    'ready',
    `try: dig @127.0.0.1 -p 1053 ${shown}.shop.svc.clusterset.local`,
  ]);
});
