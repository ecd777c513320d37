import { BEGIN } from '../../corefile/marks.ts';
import { leavings } from '../../health/leavings.ts';
import type { ApiClient } from '../../kube/client.ts';
import { findPublished } from '../../kube/published-nodes.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { namespaceOf } from '../../manifests/choices.ts';
import { EXPORTS_NAMESPACE } from '../../objects/names.ts';
import type { Disable, RemovedObject } from '../../views/disable.ts';
import type { OperatedCluster } from '../cluster.ts';
import { corefileMaps, textMap } from '../coredns/gather.ts';
import { installations } from '../enable/preflight.ts';
import { type Operation, stepThatMayFail } from '../step.ts';
import { findDefinitions } from './definitions.ts';
import { findParts, findWritten } from './find.ts';
import { removeObjects, untilGone } from './remove.ts';
import { takeBack } from './take-back.ts';

export interface DisableOptions {
  /** Also remove the ServiceExports, which users wrote. */
  readonly exports: boolean;
  readonly dryRun: boolean;
  /** Milliseconds to wait for what takes its time. */
  readonly timeout: number;
}

/**
 * How often it is looked for what the controller wrote while its right to was being taken away: it takes API servers a
 * moment to hear of that.
 */
const SWEEPS = 5;

/**
 * Takes Causeway out of a cluster, whether its controller lives or not: first the right to write is taken away from it,
 * then what it wrote is removed, while other clusters may still read that it goes, then all the rest. It may be ended
 * anywhere and run again.
 */
export async function disableCluster(
  { context, client }: OperatedCluster,
  { exports, dryRun, timeout }: DisableOptions,
  { step, signal }: Operation,
): Promise<Disable> {
  const { parts, definitions, nodes, findings } = await step("Look for what is Causeway's", async () => {
    const found = await findParts(client, exports, signal);
    const kinds = await findDefinitions(client, found, signal);
    const [forwarded, routed, nodes] = await Promise.all([
      isForwarded(client, signal),
      hasAgents(client, signal),
      findPublished(client, {}, signal),
    ]);
    const readers = readersAmong(found.namespaces);
    const facts = { exports: kinds.exports, definitions: kinds.stay, readers, forwarded, routed };
    const findings = leavings({ ...facts, published: nodes.length });
    return { parts: found, definitions: kinds.removed, nodes, findings };
  });
  const { writers, written, permissions, namespaces, properties } = parts;
  const removed = [...writers, ...written, ...permissions, ...namespaces, ...properties, ...definitions];
  if (dryRun) return { context, dryRun, removed, findings };
  const remove = async (what: string, objects: readonly RemovedObject[]) => {
    if (objects.length === 0) return;
    await step(`Remove ${what}`, detail => removeObjects(client, objects, detail, signal));
  };
  const wait = async (what: string, objects: readonly RemovedObject[]) => {
    if (objects.length === 0) return;
    const left = await stepThatMayFail(
      step,
      `Wait until ${what} are gone`,
      detail => untilGone(client, objects, timeout, detail, signal),
      ([first]) => first && `${first.about} ${first.found}`,
    );
    findings.push(...left);
  };
  await remove("the controller's right to write", writers);
  await remove('what it published and imported', written);
  await remove('permissions', permissions);
  await remove('namespaces', namespaces);
  await wait('namespaces', namespaces);
  // Not before the agents are gone, who would publish it again.
  if (nodes.length > 0)
    await step('Take back what routing agents published on Nodes', detail =>
      takeBack(client, nodes, detail, signal),
    );
  const late = await sweep(client, signal);
  await remove("the cluster's properties", properties);
  await remove('definitions', definitions);
  await wait('definitions', definitions);
  return { context, dryRun, removed: [...removed, ...late], findings };
}

async function sweep(client: ApiClient, signal: AbortSignal): Promise<RemovedObject[]> {
  const late: RemovedObject[] = [];
  for (let round = 0; round < SWEEPS; round++) {
    const found = await findWritten(client, false, signal);
    if (found.length === 0) break;
    late.push(...found);
    await removeObjects(client, found, () => {}, signal);
  }
  return late;
}

async function hasAgents(client: ApiClient, signal: AbortSignal): Promise<boolean> {
  const place = { namespace: namespaceOf('agent', ''), name: 'causeway-agent' };
  return (await client.get(RESOURCES.daemonSets, place, signal)) !== undefined;
}

/** Other clusters that have a credential here. */
function readersAmong(namespaces: readonly RemovedObject[]): string[] {
  const prefix = `${EXPORTS_NAMESPACE}-`;
  return namespaces
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name }) => name.slice(prefix.length));
}

/**
 * Whether our stanza stands in a Corefile, or somebody's own with the address of the DNS daemon. That is not known any
 * more to a second run, which the stanza is for.
 */
async function isForwarded(client: ApiClient, signal: AbortSignal): Promise<boolean> {
  const [[home], maps] = await Promise.all([installations(client, signal), corefileMaps(client, signal)]);
  const texts = maps.flatMap(map => Object.values(textMap(map).data));
  if (texts.some(text => text.includes(BEGIN))) return true;
  if (home === undefined) return false;
  const place = { namespace: home.namespace, name: 'causeway-dns' };
  const service = await client.get(RESOURCES.services, place, signal);
  const addresses: unknown = Object(service?.['spec']).clusterIPs;
  const words = texts.flatMap(text => text.split(/\s+/));
  return Array.isArray(addresses) && addresses.some(address => words.includes(address));
}
