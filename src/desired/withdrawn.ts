import type { Endpoint, EndpointSliceObject } from '../objects/shapes.ts';

/**
 * An endpoint that is there but gets no traffic: kube-proxy and CoreDNS go by `ready`. Nor is it terminating, for where
 * nothing is ready kube-proxy falls back on what terminates and still serves. `serving` keeps what `ready` was, for
 * whoever has to know it when its cluster cannot be asked.
 */
export function withdrawn(endpoint: Endpoint): Endpoint {
  const topology = { ...endpoint.topology, serving: endpoint.ready, terminating: false };
  return { ...endpoint, ready: false, topology };
}

/** A slice that was written, as it was before any of its endpoints were withdrawn. */
export function asLastHeard(slice: EndpointSliceObject): EndpointSliceObject {
  const endpoints = slice.endpoints.map(endpoint => {
    const { serving, terminating } = endpoint.topology ?? {};
    return { ...endpoint, ready: endpoint.ready || (serving === true && terminating !== true) };
  });
  return { ...slice, endpoints };
}
