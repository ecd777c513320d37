import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Memory } from '../../src/controller/memory.ts';
import type { RawObject } from '../../src/kube/client.ts';

const OURS = 'app.kubernetes.io/managed-by: causeway, causeway.dev/service-name: pay';
const MIRROR = `${OURS}, multicluster.kubernetes.io/source-cluster: east, multicluster.kubernetes.io/service-name: pay`;

interface Slice {
  readonly namespace?: string;
  readonly labels?: string;
  readonly mirrorOf?: string;
  readonly conditions?: string;
}

function slice({
  namespace = 'shop',
  labels = MIRROR,
  mirrorOf = 'east/shop.pay-a',
  conditions = 'ready: true',
}: Slice): RawObject {
  return parse(`
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  namespace: ${namespace}
  name: pay-east-x1
  labels: {${labels}}
  annotations: {causeway.dev/mirror-of: ${mirrorOf}}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints: [{addresses: [10.1.1.1], conditions: {${conditions}}}]
`);
}

/** What is remembered of east: `namespace/service slice address ready`. */
function remembered(...slices: readonly RawObject[]): string[] {
  const memory = new Memory();
  for (const one of slices) memory.slice(one);
  return [...memory.of('east')].flatMap(object =>
    object.kind === 'EndpointSlice'
      ? object.endpoints.map(
          ({ addresses, ready }) =>
            `${object.namespace}/${object.serviceName} ${object.name} ${addresses[0]} ${ready ? 'ready' : 'not ready'}`,
        )
      : [],
  );
}

describe('readiness, as it was last heard', () => {
  test.each([
    ['a ready endpoint', 'ready: true', 'ready'],
    ['one that was not ready', 'ready: false, serving: false', 'not ready'],
    ['one of a cluster that was held for lost', 'ready: false, serving: true, terminating: false', 'ready'],
    ['one that was terminating', 'ready: false, serving: true, terminating: true', 'not ready'],
  ])('%s', (_, conditions, expected) => {
    expect(remembered(slice({ conditions }))).toEqual([`shop/pay shop.pay-a 10.1.1.1 ${expected}`]);
  });
});

describe('which slices are believed', () => {
  test('what was added to a global Service counts where there is no mirror', () => {
    expect(remembered(slice({ labels: OURS }))).toEqual(['shop/pay shop.pay-a 10.1.1.1 ready']);
  });

  test.each([
    ['the mirror counts', true],
    ['the mirror counts, whichever comes first', false],
  ])('%s', (_, first) => {
    const added = slice({ labels: OURS, conditions: 'ready: false, serving: false' });
    const both = first ? [slice({}), added] : [added, slice({})];
    expect(remembered(...both)).toEqual(['shop/pay shop.pay-a 10.1.1.1 ready']);
  });

  test('one without our label is nobody’s memory', () => {
    const labels = MIRROR.replace('causeway,', 'helm,');
    expect(remembered(slice({ labels }))).toEqual([]);
  });

  test('one in another namespace speaks for that namespace and takes nothing from ours', () => {
    const forged = slice({ namespace: 'evil', conditions: 'ready: false, serving: false' });
    expect(remembered(slice({}), forged)).toEqual([
      'shop/pay shop.pay-a 10.1.1.1 ready',
      'evil/pay shop.pay-a 10.1.1.1 not ready',
    ]);
  });
});
