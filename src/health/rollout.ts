import type { PodObject } from '../objects/pod.ts';

/** A Deployment or DaemonSet as its controller last wrote it. */
export interface DeploymentFacts {
  readonly wanted: number;
  /** Pods of the newest template. */
  readonly updated: number;
  readonly available: number;
  /** Whether the controller has seen the newest template. */
  readonly observed: boolean;
  /** Why no pod can be made; undefined: nothing hinders it. */
  readonly hindrance: string | undefined;
}

/** How it stands with a Deployment. */
export interface Rollout {
  readonly done: boolean;
  /** In a few words: `1 of 2 pods ready; causeway-dns-0: ErrImagePull: …`. */
  readonly says: string;
}

/** What the fields of an apps/v1 Deployment say. */
export function deploymentFacts(raw: unknown): DeploymentFacts {
  const { metadata, spec, status } = Object(raw);
  const count = (value: unknown) => (typeof value === 'number' ? value : 0);
  const { observedGeneration, updatedReplicas, availableReplicas, conditions } = Object(status);
  const failure = (Array.isArray(conditions) ? conditions : []).find(
    one => one?.type === 'ReplicaFailure' && one?.status === 'True',
  );
  return {
    wanted: Object(spec).replicas ?? 1,
    updated: count(updatedReplicas),
    available: count(availableReplicas),
    observed: count(observedGeneration) >= count(Object(metadata).generation),
    hindrance: failure === undefined ? undefined : `${failure.message}`,
  };
}

/** What the fields of an apps/v1 DaemonSet say. */
export function daemonSetFacts(raw: unknown): DeploymentFacts {
  const { metadata, status } = Object(raw);
  const count = (value: unknown) => (typeof value === 'number' ? value : 0);
  const { observedGeneration, desiredNumberScheduled, updatedNumberScheduled, numberAvailable } =
    Object(status);
  const observed = raw !== undefined && count(observedGeneration) >= count(Object(metadata).generation);
  return {
    // Until its controller has looked, nobody knows on how many nodes.
    wanted: observed ? count(desiredNumberScheduled) : 1,
    updated: count(updatedNumberScheduled),
    available: count(numberAvailable),
    observed,
    hindrance: undefined,
  };
}

/**
 * Whether every replica is there in its newest form, as `kubectl rollout status` sees it.
 *
 * @param lastWords by pod: the last line of its log, of those that end again and again
 */
export function rolloutOf(
  { wanted, updated, available, observed, hindrance }: DeploymentFacts,
  pods: readonly PodObject[],
  lastWords: ReadonlyMap<string, string>,
): Rollout {
  const done = observed && updated >= wanted && available >= wanted;
  const ready = Math.min(updated, available, wanted);
  const blocked = pods
    .filter(pod => !pod.ready && !pod.terminating && pod.waiting !== undefined)
    .map(({ name, waiting = '' }) => {
      const words = lastWords.get(name);
      return words === undefined ? `${name}: ${waiting}` : `${name}: ${waiting}: ${words}`;
    });
  const why =
    hindrance ?? blocked[0] ?? (pods.length === 0 && !done ? 'no pod has been made yet' : undefined);
  return { done, says: `${ready} of ${wanted} pods ready${why === undefined || done ? '' : `; ${why}`}` };
}

/** The ways to have pods again of a Deployment that is scaled to 0. */
export function waysBack(name: string, namespace: string): string {
  return `causeway enable, or kubectl -n ${namespace} scale deployment ${name} --replicas 2`;
}
