import { messageOf } from '../../base/errors.ts';
import { REMOTE_CONDITIONS } from '../../health/remotes.ts';
import { ApiError } from '../../kube/api-error.ts';
import type { ApiClient, RawObject } from '../../kube/client.ts';
import { RESOURCES } from '../../kube/resource.ts';
import { conditionsOf } from '../../objects/conditions.ts';
import type { Condition } from '../../objects/shapes.ts';
import type { ConnectLink } from '../../views/connect.ts';
import type { Finding } from '../../views/finding.ts';
import { untilFound } from '../until-found.ts';

const LEASE = 'causeway-controller';

export interface Followed extends Pick<ConnectLink, 'synced' | 'serving'> {
  /** What it came to, for people. */
  readonly finding: Finding;
}

/** What is waited for, and where. */
export interface Following {
  /** Of the reader. */
  readonly client: ApiClient;
  readonly reader: string;
  /** Name of the RemoteCluster. */
  readonly source: string;
  /** That Causeway runs in. */
  readonly namespace: string;
  /** Milliseconds. */
  readonly timeout: number;
}

interface Seen {
  readonly remote: RawObject | undefined;
  readonly lease: RawObject | undefined;
}

/**
 * Waits until the reader's controller says that it follows the other cluster. What it has said before, or a controller
 * that is gone, proves nothing: either the conditions or the controller's Lease have to change while we look.
 */
export async function untilFollowed(
  { client, reader, source, namespace, timeout }: Following,
  detail: (text: string) => void,
  signal: AbortSignal,
): Promise<Followed> {
  let first: string | undefined;
  let isAlive = false;
  let last: readonly Condition[] = [];
  let fault: string | undefined;
  const look = async (): Promise<true | undefined> => {
    const seen = await see(client, source, namespace, signal).catch((thrown: unknown) => {
      signal.throwIfAborted();
      return messageOf(thrown);
    });
    fault = typeof seen === 'string' ? seen : undefined;
    if (typeof seen === 'string') {
      detail(seen);
      return undefined;
    }
    const signs = JSON.stringify([seen.lease?.metadata.resourceVersion, seen.remote?.['status']]);
    first ??= signs;
    isAlive ||= signs !== first;
    last = conditionsOf(seen.remote);
    const open = unmet(last);
    detail(isAlive || open !== undefined ? (open ?? '') : 'no sign of the controller yet');
    return isAlive && open === undefined ? true : undefined;
  };
  const isFollowed = await untilFound(timeout, signal, look);
  const common = { check: 'remote.synced', about: `${reader} reads ${source}` };
  const status = (type: string) => last.find(one => one.type === type)?.status ?? 'Unknown';
  const unheard = !isAlive || fault !== undefined;
  const state = unheard ? UNHEARD : { synced: status('Synced'), serving: status('Serving') };
  if (isFollowed !== undefined) {
    return { ...state, finding: { ...common, verdict: 'good', found: 'synced and serving' } };
  }
  const seconds = timeout / 1_000;
  if (unheard) {
    const said = fault ?? `no sign of the controller of ${reader} within ${seconds} s`;
    const remedy = `see whether it runs: kubectl -n ${namespace} get pods`;
    return { ...state, finding: { ...common, verdict: 'bad', found: said, remedy } };
  }
  const found = `not within ${seconds} s: ${unmet(last)}`;
  const isBeyond = status('ControlPlaneReachable') !== 'True';
  const remedy = `give the address by which pods of ${reader} reach the API server of ${source}: --server-override or --destination-server-override`;
  const finding: Finding = { ...common, verdict: 'bad', found, ...(isBeyond ? { remedy } : {}) };
  return { ...state, finding };
}

const UNHEARD = { synced: 'Unknown', serving: 'Unknown' } as const;

async function see(client: ApiClient, source: string, namespace: string, signal: AbortSignal): Promise<Seen> {
  const [remote, lease] = await Promise.all([
    client.get(RESOURCES.remoteClusters, { name: source }, signal),
    client.get(RESOURCES.leases, { namespace, name: LEASE }, signal).catch((thrown: unknown) => {
      // Who may not read it sees by the conditions alone.
      if (thrown instanceof ApiError && thrown.status === 403) return undefined;
      throw thrown;
    }),
  ]);
  return { remote, lease };
}

/** What is not as it shall be; undefined: all is. */
function unmet(conditions: readonly Condition[]): string | undefined {
  const open = REMOTE_CONDITIONS.flatMap(type => {
    const held = conditions.find(one => one.type === type);
    return held?.status === 'True' ? [] : [`${type}: ${held?.message ?? 'nothing is known yet'}`];
  });
  return open[0];
}
