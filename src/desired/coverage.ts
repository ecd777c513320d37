import type { EndpointPort, EndpointSliceObject } from '../objects/shapes.ts';

/** One port in one family: what a client connects to. */
export type Lane = `${EndpointSliceObject['addressType']}/${EndpointPort['protocol']}/${string}`;

/** The families, and the lanes in them, that have a ready endpoint. */
export type Coverage = ReadonlySet<Lane | EndpointSliceObject['addressType']>;

export function laneOf(
  addressType: EndpointSliceObject['addressType'],
  { protocol, name }: Pick<EndpointPort, 'protocol' | 'name'>,
): Lane {
  return `${addressType}/${protocol}/${name}`;
}

export function coverageOf(slices: readonly EndpointSliceObject[]): Coverage {
  const ready = slices.filter(({ endpoints }) => endpoints.some(endpoint => endpoint.ready));
  return new Set(ready.flatMap(slice => [slice.addressType, ...lanesOf(slice)]));
}

/** Whether all that this slice offers is there without it. */
export function isCovered(slice: EndpointSliceObject, coverage: Coverage): boolean {
  if (slice.ports.length === 0) return coverage.has(slice.addressType);
  return lanesOf(slice).every(lane => coverage.has(lane));
}

function lanesOf({ addressType, ports }: EndpointSliceObject): Lane[] {
  return ports.map(port => laneOf(addressType, port));
}
