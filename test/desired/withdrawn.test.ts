import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asLastHeard, withdrawn } from '../../src/desired/withdrawn.ts';
import type { Endpoint, EndpointSliceObject } from '../../src/objects/shapes.ts';

function slice(endpoints: readonly Endpoint[]): EndpointSliceObject {
  const names = { kind: 'EndpointSlice', namespace: 'shop', name: 'pay-a', serviceName: 'pay' } as const;
  return { ...names, addressType: 'IPv4', ports: [], endpoints };
}

// What Kubernetes writes: ready is serving and not terminating.
const endpoint = fc.record({ serving: fc.boolean(), terminating: fc.boolean() }).map(
  (topology): Endpoint => ({
    addresses: ['10.1.1.1'],
    ready: topology.serving && !topology.terminating,
    topology,
  }),
);

test('no traffic goes to what is withdrawn, not even as a last resort', () => {
  fc.assert(
    fc.property(endpoint, one => {
      const { ready, topology } = withdrawn(one);
      expect([ready, topology?.terminating]).toEqual([false, false]);
    }),
  );
});

test('what was withdrawn and is read back is as ready as it was', () => {
  fc.assert(
    fc.property(fc.array(endpoint), endpoints => {
      const written = slice(endpoints.map(withdrawn));
      expect(asLastHeard(written).endpoints.map(({ ready }) => ready)).toEqual(
        endpoints.map(({ ready }) => ready),
      );
    }),
  );
});
