import type { Manifest } from './manifest.ts';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
}

/** The containers of a Deployment or DaemonSet; none of anything else. */
export function containersOf({ spec }: Manifest): readonly Container[] {
  const found: unknown = Object(Object(Object(spec).template).spec).containers;
  return Array.isArray(found) ? found : [];
}

/** The same workload with other containers. */
export function withContainers(manifest: Manifest, change: (container: Container) => Container): Manifest {
  const containers = containersOf(manifest);
  if (containers.length === 0) return manifest;
  const spec = Object(manifest['spec']);
  const { template } = spec;
  const pod = { ...template.spec, containers: containers.map(change) };
  return { ...manifest, spec: { ...spec, template: { ...template, spec: pod } } };
}

/** The same manifest with the image of that name, whatever its tag, replaced. */
export function withImage(manifest: Manifest, name: string, image: string): Manifest {
  return withContainers(manifest, container =>
    container.image === name || container.image.startsWith(`${name}:`) ? { ...container, image } : container,
  );
}
