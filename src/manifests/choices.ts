/** What Causeway runs in a cluster. */
export const COMPONENTS = ['dns', 'controller'] as const;
export type Component = (typeof COMPONENTS)[number];

/** Which address families the pods of a cluster have; `ipv6`: that alone, or as the first. */
export const POD_FAMILIES = ['ipv4', 'dual-stack', 'ipv6'] as const;
export type PodFamilies = (typeof POD_FAMILIES)[number];
