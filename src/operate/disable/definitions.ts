import type { LeavingsFacts } from '../../health/leavings.ts';
import type { ApiClient } from '../../kube/client.ts';
import { RESOURCES, type Resource } from '../../kube/resource.ts';
import { PART_OF, US } from '../../objects/names.ts';
import type { RemovedObject } from '../../views/disable.ts';
import { type FoundParts, listed } from './find.ts';

/** Kinds that nobody else has. */
const OURS = [RESOURCES.exportedServices, RESOURCES.remoteClusters, RESOURCES.remoteNodes];
/** Kinds that other programs use as well. */
const SHARED = [RESOURCES.serviceExports, RESOURCES.serviceImports, RESOURCES.clusterProperties];

export interface FoundDefinitions {
  readonly removed: readonly RemovedObject[];
  readonly stay: LeavingsFacts['definitions'];
  /** ServiceExports that are nobody's but users'. */
  readonly exports: readonly string[];
}

/**
 * Which definitions go. With one go all objects of the kind, so those that others use as well stay where another
 * program installed them, or where there are objects that are not going to be removed anyway.
 */
export async function findDefinitions(
  client: ApiClient,
  parts: FoundParts,
  signal: AbortSignal,
): Promise<FoundDefinitions> {
  const going = new Set([...parts.written, ...parts.properties].map(keyOf));
  const ours = await Promise.all(OURS.map(resource => definitionOf(client, resource, signal)));
  const shared = await Promise.all(
    SHARED.map(async resource => {
      const definition = await definitionOf(client, resource, signal);
      const objects = definition === undefined ? [] : await listed(client, resource, {}, signal);
      return { resource, definition, objects: objects.filter(one => !going.has(keyOf(one))) };
    }),
  );
  const there = shared.flatMap(one => (one.definition === undefined ? [] : [{ ...one, ...one.definition }]));
  return {
    removed: [
      ...ours.flatMap(one => one?.object ?? []),
      ...there.filter(one => one.isOurs && one.objects.length === 0).map(({ object }) => object),
    ],
    stay: there
      .filter(one => !one.isOurs || one.objects.length > 0)
      .map(({ object: { name }, isOurs, objects }) => ({
        name,
        because: isOurs ? 'used' : 'foreign',
        objects: objects.length,
      })),
    exports: there
      .filter(({ resource }) => resource === RESOURCES.serviceExports)
      .flatMap(({ objects }) => objects.map(({ namespace, name }) => `${namespace}/${name}`)),
  };
}

async function definitionOf(
  client: ApiClient,
  { plural, group }: Resource,
  signal: AbortSignal,
): Promise<{ readonly object: RemovedObject; readonly isOurs: boolean } | undefined> {
  const name = `${plural}.${group}`;
  const found = await client.get(RESOURCES.customResourceDefinitions, { name }, signal);
  if (found === undefined) return undefined;
  return {
    object: { kind: 'CustomResourceDefinition', name },
    isOurs: found.metadata.labels?.[PART_OF] === US,
  };
}

function keyOf({ kind, namespace, name }: RemovedObject): string {
  return `${kind} ${namespace}/${name}`;
}
