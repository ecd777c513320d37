import type { EndpointSliceObject, ServicePort } from '../objects/shapes.ts';

/**
 * The ports as a derived Service has them. A Service of several must name them all, but their union over the clusters
 * may hold one without a name; the ServiceImport keeps it so, for it is the port that its cluster exports.
 */
export function namedPorts(ports: readonly ServicePort[]): readonly ServicePort[] {
  const given = nameForUnnamed(ports);
  if (given === undefined) return ports;
  return ports.map(port => (port.name === '' ? { ...port, name: given } : port));
}

/** The name that the unnamed one of several ports gets; undefined: none needs one. */
export function nameForUnnamed(ports: readonly ServicePort[]): string | undefined {
  const unnamed = ports.find(port => port.name === '');
  if (unnamed === undefined || ports.length === 1) return undefined;
  const taken = new Set(ports.map(port => port.name));
  const base = `${unnamed.protocol.toLowerCase()}-${unnamed.port}`;
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base}-${count}`;
  return name;
}

/** Whether kube-proxy would not find the slice's port in the derived Service: it matches them by name. */
export function lacksName(slice: EndpointSliceObject, given: string | undefined): boolean {
  return given !== undefined && slice.ports.some(port => port.name === '');
}

/** The slice with the port names of the derived Service. */
export function withNamedPort(slice: EndpointSliceObject, given: string | undefined): EndpointSliceObject {
  if (given === undefined || !lacksName(slice, given)) return slice;
  return { ...slice, ports: slice.ports.map(port => (port.name === '' ? { ...port, name: given } : port)) };
}
