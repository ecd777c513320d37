import { compact } from '../objects/compact.ts';
import type { EndpointSliceObject, ServicePort } from '../objects/shapes.ts';
import type { ExportedService, MergedService } from './model.ts';

/**
 * The union of all exports' ports (KEP-1645): walked in the order of precedence, a port whose name, or whose protocol
 * and number, is taken already is dropped. So neither appears twice, and the oldest definition holds.
 */
export function unitePorts(exports: readonly ExportedService[]): readonly ServicePort[] {
  const names = new Set<string>();
  const numbers = new Set<string>();
  const united = exports
    .flatMap(exported => exported.ports)
    .filter(port => {
      const number = `${port.protocol}/${port.port}`;
      if (names.has(port.name) || numbers.has(number)) return false;
      names.add(port.name);
      numbers.add(number);
      return true;
    });
  const own = exports[0]?.ports ?? [];
  return united.length === own.length ? own : united;
}

/**
 * What one cluster may serve of a merged service: its slices of the merged families, each with only those ports which
 * the cluster's own Service exposes under that very name, protocol and number. A slice that loses its last port is gone
 * (KEP-1645, Service Port); in a headless service a slice that never had one stays, for its addresses are answers by
 * themselves.
 *
 * Slices that lose nothing are passed on as they are: at 250,000 endpoints a copy of each would double the memory.
 */
export function servedSlices(
  { ports, slices }: ExportedService,
  merged: Pick<MergedService, 'type' | 'ports' | 'ipFamilies'>,
): readonly EndpointSliceObject[] {
  const held = new Set(merged.ports.map(portKey));
  const exposed = new Set(ports.filter(port => held.has(portKey(port))).map(nameKey));
  const served = slices.map(slice => {
    if (!merged.ipFamilies.includes(slice.addressType)) return undefined;
    const left = slice.ports.filter(port => exposed.has(nameKey(port)));
    const portless = slice.ports.length === 0 || ports.length === 0;
    if (left.length === 0 && !(merged.type === 'Headless' && portless)) return undefined;
    return left.length === slice.ports.length ? slice : { ...slice, ports: left };
  });
  return compact(served);
}

type Named = Pick<ServicePort, 'name' | 'protocol'>;

function nameKey(port: Named): string {
  return `${port.protocol}/${port.name}`;
}

function portKey(port: ServicePort): string {
  return `${nameKey(port)}/${port.port}`;
}
