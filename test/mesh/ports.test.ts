import { describe, expect, test } from 'vitest';
import type { ServicePort } from '../../src/objects/shapes.ts';
import { exported, NEWER, NEWEST, OLD } from '../kit/exported.ts';
import { meshOf, objectsOf } from '../kit/mesh.ts';

/** Exports in the order of their age, each given as the ports of its Service and those of its one slice. */
function merge(exports: readonly { ports: string; slice?: string; headless?: boolean }[]) {
  const ages = [OLD, NEWER, NEWEST];
  const clusters = exports.map(({ ports, slice, headless }, index) => [
    `cluster-${index}`,
    exported({
      spec: `clusterIP: ${headless ? 'None' : `10.0.0.${index + 1}`}, ports: [${ports}]`,
      at: ages[index],
      slices:
        slice === undefined
          ? []
          : [`addressType: IPv4, ports: [${slice}], endpoints: [{addresses: [10.1.0.${index + 1}]}]`],
    }),
  ]);
  const { mesh, change } = meshOf(Object.fromEntries(clusters));
  const service = change.services.get('shop/payments');
  return { service, ports: service?.ports.map(portLine), conflicts: mesh.conflicts };
}

function portLine({ name, protocol, port, appProtocol }: ServicePort): string {
  return [name || '-', `${protocol}/${port}`, ...(appProtocol ? [appProtocol] : [])].join(' ');
}

describe('the ports of a service', () => {
  test.each([
    {
      row: 'C4 union of all, oldest first',
      exports: ['{name: a, port: 1}', '{name: b, port: 2}', '{name: c, port: 3}'],
      ports: ['a TCP/1', 'b TCP/2', 'c TCP/3'],
      losers: ['cluster-1', 'cluster-2'],
    },
    {
      row: 'C4 union drops a second port of the same name',
      exports: ['{name: a, port: 1}', '{name: a, port: 2}'],
      ports: ['a TCP/1'],
      losers: ['cluster-1'],
    },
    {
      row: 'C4 union drops a second unnamed port',
      exports: ['{port: 1}', '{port: 2}'],
      ports: ['- TCP/1'],
      losers: ['cluster-1'],
    },
    {
      row: 'C4 union drops a second port of the same protocol and number',
      exports: ['{name: a, port: 1}', '{name: b, port: 1}'],
      ports: ['a TCP/1'],
      losers: ['cluster-1'],
    },
    {
      row: 'C4 union keeps the same number under another protocol',
      exports: ['{name: a, port: 1}', '{name: b, port: 1, protocol: UDP}'],
      ports: ['a TCP/1', 'b UDP/1'],
      losers: ['cluster-1'],
    },
    {
      row: 'C4 a port that was dropped takes neither name nor number',
      exports: ['{name: a, port: 1}', '{name: a, port: 2}', '{name: b, port: 2}'],
      ports: ['a TCP/1', 'b TCP/2'],
      losers: ['cluster-1', 'cluster-2'],
    },
    {
      row: 'C5 the application protocol counts, the oldest holds',
      exports: ['{name: a, port: 1, appProtocol: http}', '{name: a, port: 1, appProtocol: http2}'],
      ports: ['a TCP/1 http'],
      losers: ['cluster-1'],
    },
    {
      row: 'C5 a subset is a conflict',
      exports: ['{name: a, port: 1}, {name: b, port: 2}', '{name: b, port: 2}'],
      ports: ['a TCP/1', 'b TCP/2'],
      losers: ['cluster-1'],
    },
    {
      row: 'C5 one that agrees with the oldest is no loser',
      exports: ['{name: a, port: 1}', '{name: b, port: 2}', '{name: a, port: 1}'],
      ports: ['a TCP/1', 'b TCP/2'],
      losers: ['cluster-1'],
    },
    {
      row: 'C6 another order is no conflict',
      exports: ['{name: a, port: 1}, {name: b, port: 2}', '{name: b, port: 2}, {name: a, port: 1}'],
      ports: ['a TCP/1', 'b TCP/2'],
      losers: undefined,
    },
  ])('$row', ({ exports, ports, losers }) => {
    const merged = merge(exports.map(text => ({ ports: text })));
    expect(merged.ports).toEqual(ports);
    const flagged = losers ? [{ reason: 'PortConflict', winner: 'cluster-0', losers }] : [];
    expect(merged.conflicts).toMatchObject(flagged);
    expect(merged.conflicts).toHaveLength(flagged.length);
  });
});

/** What each cluster's slices still offer: `name number` per port, slices apart. */
function served(exports: Parameters<typeof merge>[0]): string[][] {
  const clusters = merge(exports).service?.clusters ?? [];
  return clusters.map(({ slices }) =>
    slices.map(({ ports }) => ports.map(({ name, port }) => `${name || '-'} ${port ?? '*'}`).join(', ')),
  );
}

describe('a cluster serves only the ports that its own Service exposes', () => {
  const http = { ports: '{name: http, port: 80}', slice: '{name: http, port: 8080}' };

  test.each([
    {
      row: 'C7 the port numbers of slices may differ',
      exports: [http, { ...http, slice: '{name: http, port: 9}' }],
      gives: [['http 8080'], ['http 9']],
    },
    {
      row: 'C7 same name, other number: the loser serves nothing',
      exports: [http, { ...http, ports: '{name: http, port: 81}' }],
      gives: [['http 8080'], []],
    },
    {
      row: 'C7 same number, other name: the loser serves nothing',
      exports: [http, { ports: '{name: web, port: 80}', slice: '{name: web, port: 8080}' }],
      gives: [['http 8080'], []],
    },
    {
      row: 'C7 same name and number, other protocol: the loser serves nothing',
      exports: [
        http,
        { ports: '{name: http, port: 80, protocol: UDP}', slice: '{name: http, port: 8080, protocol: UDP}' },
      ],
      gives: [['http 8080'], []],
    },
    {
      row: 'C7 one of two ports is lost',
      exports: [
        http,
        {
          ports: '{name: http, port: 81}, {name: admin, port: 90}',
          slice: '{name: http, port: 8080}, {name: admin, port: 9090}',
        },
      ],
      gives: [['http 8080'], ['admin 9090']],
    },
    {
      row: 'C7 other names: each serves its own',
      exports: [http, { ports: '{name: admin, port: 90}', slice: '{name: admin, port: 9090}' }],
      gives: [['http 8080'], ['admin 9090']],
    },
    {
      row: 'C7 a slice port that the Service does not name',
      exports: [{ ...http, slice: '{name: http, port: 8080}, {name: debug, port: 6060}' }],
      gives: [['http 8080']],
    },
    {
      row: 'C7 a slice without ports reaches no port of a ClusterSetIP',
      exports: [{ ...http, slice: '' }],
      gives: [[]],
    },
    {
      row: 'the unnamed port',
      exports: [{ ports: '{port: 80}', slice: '{port: 8080}' }],
      gives: [['- 8080']],
    },
    { row: 'every port of a name', exports: [{ ports: '{port: 80}', slice: '{}' }], gives: [['- *']] },
    {
      row: 'headless without ports keeps slices without ports',
      exports: [{ ports: '', slice: '', headless: true }],
      gives: [['']],
    },
    {
      row: 'headless without ports keeps the slice, not the port the Service does not name',
      exports: [{ ports: '', slice: '{name: debug, port: 6060}', headless: true }],
      gives: [['']],
    },
    {
      row: 'headless with ports keeps the pods that have none of them',
      exports: [{ ports: '{name: sql, port: 5432}', slice: '', headless: true }],
      gives: [['']],
    },
    {
      row: 'headless: a slice that loses its last port to an older export is gone',
      exports: [
        { ports: '{name: sql, port: 5432}', slice: '{name: sql, port: 5432}', headless: true },
        { ports: '{name: sql, port: 5433}', slice: '{name: sql, port: 5433}', headless: true },
      ],
      gives: [['sql 5432'], []],
    },
    {
      row: 'headless without ports beside one with ports',
      exports: [
        { ports: '', slice: '', headless: true },
        { ports: '{name: sql, port: 5432}', slice: '{name: sql, port: 5432}', headless: true },
      ],
      gives: [[''], ['sql 5432']],
    },
  ])('$row', ({ exports, gives }) => {
    expect(served(exports)).toEqual(gives);
  });

  test('a slice that loses nothing is the object that was put in, one that does keeps its endpoints', () => {
    const parts = { spec: 'clusterIP: 10.0.0.1, ports: [{name: a, port: 1}]' };
    const rest = 'endpoints: [{addresses: [10.1.0.1]}]';
    const whole = `addressType: IPv4, ports: [{name: a, port: 1}], ${rest}`;
    const cut = `addressType: IPv4, ports: [{name: a, port: 1}, {name: b, port: 2}], ${rest}`;
    const { objects } = objectsOf(exported({ ...parts, slices: [whole, cut] }));
    const { mesh } = meshOf({});
    for (const object of objects) mesh.put('east', object);
    const [wholeSlice, cutSlice] = mesh.flush().services.get('shop/payments')?.clusters[0]?.slices ?? [];
    const given = objects.filter(object => object.kind === 'EndpointSlice');
    expect(wholeSlice).toBe(given[0]);
    expect(cutSlice).not.toBe(given[1]);
    expect(cutSlice?.endpoints).toBe(given[1]?.endpoints);
  });
});
