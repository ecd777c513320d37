import type { ExportedService } from '../mesh/model.ts';
import { compact } from '../objects/compact.ts';
import type { EndpointSliceObject, ServiceObject } from '../objects/shapes.ts';
import { laneOf } from './coverage.ts';
import type { Remark } from './model.ts';

/** What another Service, here or in another cluster, adds to a Service: only what that can use. */
export interface Backing {
  readonly cluster: string;
  readonly slices: readonly EndpointSliceObject[];
}

/** Those that have anything to add. */
export function backingsOf(service: ServiceObject, exports: readonly ExportedService[]): Backing[] {
  const backings = exports.map(({ cluster, slices }) => ({
    cluster,
    slices: compact(slices.map(slice => fitted(service, slice))),
  }));
  return backings.filter(({ slices }) => slices.length > 0);
}

/** What of a slice the Service can use: of its families, the ports that it has too, by name and protocol. */
function fitted(service: ServiceObject, slice: EndpointSliceObject): EndpointSliceObject | undefined {
  const { ipFamilies, ports: wanted, headless } = service;
  if (ipFamilies.length > 0 && !ipFamilies.includes(slice.addressType)) return undefined;
  const left = new Set(wanted.map(port => laneOf(slice.addressType, port)));
  // Each at most once: another cluster may say what it wants, and no API server takes a slice that names a port twice.
  const ports = slice.ports.filter(port => left.delete(laneOf(slice.addressType, port)));
  const portless = headless && (wanted.length === 0 || slice.ports.length === 0);
  if (ports.length === 0 && !portless) return undefined;
  return ports.length === slice.ports.length ? slice : { ...slice, ports };
}

/** Something that the owner of the Service should know. */
export function remarkOn({ namespace, name }: ServiceObject, reason: string, message: string): Remark {
  return { about: { kind: 'Service', namespace, name }, reason, message };
}

/** Of those clusters which have endpoints, and none that the Service can use: else nobody would see why. */
export function mismatchRemarks(service: ServiceObject, exports: readonly ExportedService[]): Remark[] {
  const used = new Set(backingsOf(service, exports).map(({ cluster }) => cluster));
  const unused = exports.filter(
    ({ cluster, slices }) => !used.has(cluster) && slices.some(({ endpoints }) => endpoints.length > 0),
  );
  const [first] = unused;
  if (first === undefined) return [];
  const clusters = [...new Set(unused.map(({ cluster }) => cluster))];
  const more = clusters.length > 1 ? ` (and of ${clusters.length - 1} other clusters)` : '';
  const message =
    `the endpoints of cluster ${first.cluster}${more} are not used: they have ${offers(first)}, ` +
    `the Service has ${offers(service)}; a port needs the same name and protocol, and an address a family of the Service`;
  return [remarkOn(service, 'NothingInCommon', message)];
}

function offers({ ports, ipFamilies }: Pick<ServiceObject, 'ports' | 'ipFamilies'>): string {
  const shown = ports.slice(0, 5).map(({ name, protocol }) => `${name || 'unnamed'}/${protocol}`);
  const more = ports.length > 5 ? ` and ${ports.length - 5} more` : '';
  return `ports ${shown.join(', ') || 'none'}${more} over ${ipFamilies.join(' and ') || 'any family'}`;
}
