import { ownedKeyOf } from '../../desired/fingerprint.ts';
import { OWNED_KINDS } from '../../desired/model.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { ApiClient, RawObject, Selection } from '../../kube/client.ts';
import { listPages } from '../../kube/list-pages.ts';
import { RESOURCES, type Resource, resourceOf } from '../../kube/resource.ts';
import { MANAGED_BY, PART_OF, US } from '../../objects/names.ts';
import type { RemovedObject } from '../../views/disable.ts';
import { installations } from '../enable/preflight.ts';

/** What was applied from `deploy/`. */
const APPLIED: Selection = { labelSelector: `${PART_OF}=${US}` };

/** By these bindings the controller writes. Without them it can do nothing more, wherever it runs. */
const WRITERS = ['causeway-controller', 'causeway-publisher'];

/** What is Causeway's in a cluster, in the order of removal. */
export interface FoundParts {
  readonly writers: readonly RemovedObject[];
  readonly written: readonly RemovedObject[];
  readonly permissions: readonly RemovedObject[];
  readonly namespaces: readonly RemovedObject[];
  readonly properties: readonly RemovedObject[];
}

/**
 * @param exports also the ServiceExports, which users wrote
 * @throws ApiError where something may not be listed: nothing is taken for gone that cannot be seen
 */
export async function findParts(
  client: ApiClient,
  exports: boolean,
  signal: AbortSignal,
): Promise<FoundParts> {
  const applied = (resource: Resource) => listed(client, resource, APPLIED, signal);
  const [clusterBindings, bindings, policies, roles, written, namespaces, homes, properties] =
    await Promise.all([
      applied(RESOURCES.clusterRoleBindings),
      applied(RESOURCES.roleBindings),
      admissionPolicies(client, signal),
      applied(RESOURCES.clusterRoles),
      findWritten(client, exports, signal),
      applied(RESOURCES.namespaces),
      installations(client, signal),
      applied(RESOURCES.clusterProperties),
    ]);
  const isWriter = ({ name }: RemovedObject) => WRITERS.includes(name);
  const isNamed = ({ name }: RemovedObject) => name.startsWith('causeway-');
  return {
    writers: [...clusterBindings, ...bindings].filter(isWriter),
    written,
    // What forbids goes after what allows.
    permissions: [...clusterBindings, ...policies, ...roles].filter(
      one => isNamed(one) && !(one.kind.endsWith('RoleBinding') && isWriter(one)),
    ),
    // A label alone is not enough to delete a namespace for, with all that is in it.
    namespaces: namespaces.filter(
      one => isNamed(one) || homes.some(({ namespace }) => namespace === one.name),
    ),
    properties,
  };
}

/** What routing agents, and nodes themselves, may change of Nodes. */
async function admissionPolicies(client: ApiClient, signal: AbortSignal): Promise<RemovedObject[]> {
  const found = [RESOURCES.validatingAdmissionPolicyBindings, RESOURCES.validatingAdmissionPolicies].map(
    resource => listed(client, resource, APPLIED, signal),
  );
  return (await Promise.all(found)).flat();
}

/**
 * What the controller wrote, published and imported, and the RemoteClusters that told it to; what refers to another
 * object comes before that.
 */
export async function findWritten(
  client: ApiClient,
  exports: boolean,
  signal: AbortSignal,
): Promise<RemovedObject[]> {
  // On a ServiceImport the mark is no label: its labels are the exports'.
  const owned = OWNED_KINDS.toReversed().map(kind =>
    listed(
      client,
      resourceOf(kind),
      kind === 'ServiceImport' ? {} : { labelSelector: `${MANAGED_BY}=${US}` },
      signal,
      object => ownedKeyOf(kind, object) !== undefined,
    ),
  );
  const all = await Promise.all([
    listed(client, RESOURCES.remoteClusters, {}, signal),
    exports ? listed(client, RESOURCES.serviceExports, {}, signal) : [],
    ...owned,
  ]);
  return all.flat();
}

/** Objects of one kind; none where the kind is not known. */
export async function listed(
  client: ApiClient,
  resource: Resource,
  selection: Selection,
  signal: AbortSignal,
  isOurs: (object: RawObject) => boolean = () => true,
): Promise<RemovedObject[]> {
  const found: RemovedObject[] = [];
  const take = (object: RawObject) => {
    const { name, namespace } = object.metadata;
    if (isOurs(object)) found.push({ kind: resource.kind, ...(namespace && { namespace }), name });
  };
  try {
    await listPages(client, resource, selection, take, signal);
  } catch (thrown) {
    if (!(thrown instanceof ApiError && thrown.status === 404)) throw thrown;
  }
  return found;
}
