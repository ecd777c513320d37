import type { Finding } from '../views/finding.ts';
import type { StatusComponent, StatusReplica } from '../views/status.ts';
import type { ComponentFacts, ReplicaFacts } from './facts.ts';

/** How it stands with a component's Deployment and each of its pods. */
export function componentOf({ component, wanted, replicas }: ComponentFacts): StatusComponent {
  const shown = replicas.map(replicaOf);
  return {
    component,
    wanted: wanted ?? 0,
    ready: shown.filter(({ ready }) => ready).length,
    replicas: shown,
  };
}

export function componentFindings(facts: ComponentFacts, namespace: string): Finding[] {
  const { component, wanted, replicas } = facts;
  const check = `component.${component}`;
  const about = `causeway-${component}`;
  if (wanted === undefined) {
    return [
      {
        check,
        about,
        verdict: 'bad',
        found: `there is no Deployment ${about} in namespace ${namespace}`,
        remedy: 'install Causeway with `causeway enable`, or name the namespace it runs in with --namespace',
      },
    ];
  }
  const ready = replicas.filter(isReady).length;
  const count = `${ready} of ${wanted} replicas are ready`;
  const missing = replicas.filter(replica => !isReady(replica));
  const whole: Finding = {
    check,
    about,
    verdict: ready >= wanted && ready > 0 ? 'good' : 'bad',
    found: count,
  };
  return [whole, ...missing.map(replica => notReady(check, replica))];
}

function isReady({ pod, readiness }: ReplicaFacts): boolean {
  return pod.ready && readiness.answered && readiness.status === 200;
}

function replicaOf(replica: ReplicaFacts): StatusReplica {
  const { name, node, image, restarts, since } = replica.pod;
  return {
    pod: name,
    ...(node === undefined ? {} : { node }),
    ready: isReady(replica),
    ...(since === undefined ? {} : { since }),
    restarts,
    image,
  };
}

function notReady(check: string, { pod, readiness }: ReplicaFacts): Finding {
  const since = pod.ready || pod.since === undefined ? '' : ` since ${pod.since}`;
  const says = readiness.answered
    ? `it says ${readiness.status}: ${readiness.text.trim()}`
    : `it could not be asked: ${readiness.reason}`;
  return {
    check,
    about: pod.name,
    verdict: 'bad',
    found: `is not ready${since}; ${pod.waiting ?? says}`,
    remedy: `see kubectl -n ${pod.namespace} describe pod ${pod.name}, and its logs`,
  };
}
