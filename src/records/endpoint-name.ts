import type { Endpoint } from '../objects/shapes.ts';

/**
 * The label of one endpoint of a headless service: its hostname, or its address with dashes (the conformance suite of
 * the MCS API wants exactly that where there is no hostname, whatever KEP-1645 says about pod names). A label may not
 * end in a dash, so an IPv6 address that does gets a zero, as in CoreDNS.
 */
export function endpointLabel(endpoint: Endpoint, address: string): string {
  if (endpoint.hostname !== undefined) return endpoint.hostname;
  const dashed = address.replaceAll(/[.:]/g, '-');
  return dashed.endsWith('-') ? `${dashed}0` : dashed;
}
