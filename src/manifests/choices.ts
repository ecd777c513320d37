/** What Causeway runs in a cluster. */
export const COMPONENTS = ['dns', 'controller', 'agent'] as const;
export type Component = (typeof COMPONENTS)[number];

/** What it runs unless told otherwise: the network of many clusters leads to the pods of the others by itself. */
export const USUAL_COMPONENTS: readonly Component[] = ['dns', 'controller'];

/**
 * Where a component runs. The agent has a namespace of its own: it needs the network of the host, which that of the
 * others lets nobody have.
 *
 * @param namespace of Causeway
 */
export function namespaceOf(component: Component, namespace: string): string {
  return component === 'agent' ? 'causeway-agent' : namespace;
}

/** Which address families the pods of a cluster have; `ipv6`: that alone, or as the first. */
export const POD_FAMILIES = ['ipv4', 'dual-stack', 'ipv6'] as const;
export type PodFamilies = (typeof POD_FAMILIES)[number];
