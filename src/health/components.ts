import type { Known } from '../base/known.ts';
import type { Finding } from '../views/finding.ts';
import type { StatusReplica } from '../views/status.ts';
import type { ComponentFacts, ReplicaFacts } from './facts.ts';
import { waysBack } from './rollout.ts';

/** Of which component. */
interface Named {
  /** `dns` */
  readonly component: string;
  readonly namespace: string;
}

/** How it stands with a component's Deployment and each of its pods. */
export function componentFindings({ wanted, replicas }: ComponentFacts, named: Named): Finding[] {
  const check = `component.${named.component}`;
  const about = `causeway-${named.component}`;
  const unknown = reasonOf(wanted) ?? reasonOf(replicas);
  if ('unknown' in wanted || 'unknown' in replicas) {
    return [{ check, about, verdict: 'unknown', found: `could not be looked at: ${unknown}` }];
  }
  if (wanted.value === undefined) {
    return [
      {
        check,
        about,
        verdict: 'bad',
        found: `there is no Deployment ${about} in namespace ${named.namespace}`,
        remedy: 'install Causeway with `causeway enable`, or name the namespace it runs in with --namespace',
      },
    ];
  }
  const ready = replicas.value.filter(isReady).length;
  const troubled = replicas.value.flatMap(replica => replicaFinding(check, replica));
  // Where all that is wrong is that pods cannot be asked, nobody knows whether something is.
  const count = ready + troubled.filter(({ verdict }) => verdict === 'unknown').length;
  const verdict =
    ready >= wanted.value && ready > 0 ? 'good' : count >= wanted.value && count > 0 ? 'unknown' : 'bad';
  const found = `${ready} of ${wanted.value} replicas ${verdict === 'unknown' ? 'could be asked' : 'are ready'}`;
  const remedy =
    wanted.value === 0
      ? `it is scaled to 0; bring it back with ${waysBack(about, named.namespace)}`
      : `see kubectl -n ${named.namespace} describe deployment ${about}`;
  return [{ check, about, verdict, found, ...(verdict === 'bad' ? { remedy } : {}) }, ...troubled];
}

export function isReady({ pod, readiness }: ReplicaFacts): boolean {
  return pod.ready && readiness.answered && readiness.status === 200;
}

function reasonOf(known: Known<unknown>): string | undefined {
  return 'unknown' in known ? known.unknown : undefined;
}

function replicaFinding(check: string, { pod, readiness }: ReplicaFacts): Finding[] {
  if (isReady({ pod, readiness })) return [];
  const about = pod.name;
  if (pod.ready && !readiness.answered) {
    return [
      {
        check,
        about,
        verdict: 'unknown',
        found: `Kubernetes holds it for ready since ${pod.since ?? 'it does not say when'}, but it could not be asked: ${readiness.reason}`,
        remedy: readiness.asked
          ? 'it has died since, or NetworkPolicies keep the API server from its port 9353'
          : 'use a credential that may get pods/proxy',
      },
    ];
  }
  const says = readiness.answered
    ? `it says ${readiness.status}: ${readiness.text.trim()}`
    : `it could not be asked: ${readiness.reason}`;
  const since = pod.ready || pod.since === undefined ? '' : ` since ${pod.since}`;
  const remedy = `see kubectl -n ${pod.namespace} describe pod ${pod.name}, and its logs`;
  return [{ check, about, verdict: 'bad', found: `is not ready${since}; ${pod.waiting ?? says}`, remedy }];
}

/** A replica as it is shown. */
export function replicaOf(replica: ReplicaFacts, version: string | undefined): StatusReplica {
  const { pod, readiness } = replica;
  const { name, node, image, restarts, since } = pod;
  return {
    pod: name,
    ...(node === undefined ? {} : { node }),
    ready: isReady(replica),
    ...(pod.ready && !readiness.answered ? { unknown: readiness.reason } : {}),
    ...(since === undefined ? {} : { since }),
    restarts,
    image,
    ...(version === undefined ? {} : { version }),
  };
}

/** Replicas of different versions are on their way from one to the other, or stuck there. */
export function versionFindings(replicas: readonly StatusReplica[]): Finding[] {
  const versions = [...new Set(replicas.flatMap(({ version }) => version ?? []))].sort();
  if (versions.length === 0) return [];
  const check = 'component.version';
  if (versions.length === 1) {
    return [{ check, about: 'causeway', verdict: 'good', found: `all run ${versions[0]}` }];
  }
  const found = `replicas run different versions: ${versions.join(', ')}`;
  const remedy = 'let the upgrade end; if it does not, see `kubectl rollout status` of both Deployments';
  return [{ check, about: 'causeway', verdict: 'warning', found, remedy }];
}
