import { parseAddress } from '../base/ip.ts';
import { isMapping } from './fields.ts';

/** The EndpointSlice that API servers keep of themselves, in this namespace. */
export const API_SERVERS = { namespace: 'default', name: 'kubernetes' } as const;

/** The addresses of API servers, as they say in it; canonical. Undefined: it names none. */
export function apiServersIn(raw: { readonly [field: string]: unknown }): readonly string[] | undefined {
  const { endpoints } = raw;
  if (!Array.isArray(endpoints)) return undefined;
  return endpoints
    .filter(isMapping)
    .flatMap(({ addresses }) => (Array.isArray(addresses) ? addresses : []))
    .flatMap(address => parseAddress(String(address)) ?? []);
}
