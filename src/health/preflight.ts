import { CLUSTER_ID_PROPERTY, CLUSTERSET_PROPERTY } from '../objects/names.ts';
import type { Finding } from '../views/finding.ts';
import { compareVersions } from './version.ts';

/** Kubernetes from which on everything in `deploy/` is known. */
export const OLDEST_KUBERNETES = '1.30';

/** What is in a cluster before Causeway is brought into it. */
export interface PreflightFacts {
  /** `v1.34.1`; undefined: the API server does not say. */
  readonly kubernetes: string | undefined;
  /** What the operator's credential may not do: `create, patch clusterroles.rbac.authorization.k8s.io`. */
  readonly denied: readonly string[];
  /** Of the properties that say who the cluster is, by name. */
  readonly properties: ReadonlyMap<string, string>;
  /** Whether the namespace is there; `foreign`: without the label that says it is Causeway's. */
  readonly namespace: 'missing' | 'ours' | 'foreign';
  /** Namespaces of Causeway that are being removed: nothing can be created in them. */
  readonly ending: readonly string[];
  /** Causeways that run, or were to run, in the cluster. */
  readonly installed: readonly { readonly namespace: string; readonly version: string | undefined }[];
  /** Whether there are RemoteClusters. */
  readonly connected: boolean;
  /** Those whose cluster calls itself by an id. */
  readonly remotes: readonly { readonly name: string; readonly clusterId: string }[];
}

/** What shall be there afterwards. */
export interface PreflightWish {
  readonly namespace: string;
  /** Of this program. */
  readonly version: string;
  readonly clusterId: string;
  readonly clusterset: string | undefined;
}

/** Whether Causeway can be brought into a cluster. `bad` says no. */
export function preflightFindings(facts: PreflightFacts, wish: PreflightWish): Finding[] {
  return [
    kubernetesFinding(facts),
    ...permissionFindings(facts),
    ...propertyFindings(facts, wish),
    ...remoteFindings(facts, wish),
    ...namespaceFindings(facts, wish),
    ...endingFindings(facts),
    ...installedFindings(facts, wish),
  ];
}

function kubernetesFinding({ kubernetes }: PreflightFacts): Finding {
  const about = 'Kubernetes';
  const check = 'kubernetes.version';
  if (kubernetes === undefined) {
    return { check, about, verdict: 'unknown', found: 'the API server does not say its version' };
  }
  const old = compareVersions(kubernetes, OLDEST_KUBERNETES) < 0;
  return {
    check,
    about,
    verdict: old ? 'bad' : 'good',
    found: old ? `is ${kubernetes}, and Causeway needs ${OLDEST_KUBERNETES} or newer` : `is ${kubernetes}`,
    ...(old ? { remedy: 'upgrade the cluster first' } : {}),
  };
}

function permissionFindings({ denied }: PreflightFacts): Finding[] {
  const check = 'permission';
  const about = 'your credential';
  if (denied.length === 0) return [{ check, about, verdict: 'good', found: 'may do all that is needed' }];
  const remedy = 'use a context whose user may, such as one bound to the ClusterRole cluster-admin';
  return denied.map((right, index) => ({
    check,
    about,
    verdict: 'bad',
    found: `may not ${right}`,
    ...(index < denied.length - 1 ? {} : { remedy }),
  }));
}

function propertyFindings({ properties }: PreflightFacts, wish: PreflightWish): Finding[] {
  const wanted = { [CLUSTER_ID_PROPERTY]: wish.clusterId, [CLUSTERSET_PROPERTY]: wish.clusterset };
  return Object.entries(wanted).flatMap(([name, value]) => {
    const held = properties.get(name);
    if (held === undefined || value === undefined || held === value) return [];
    return [
      {
        check: 'cluster.property',
        about: `ClusterProperty ${name}`,
        verdict: 'bad' as const,
        found: `is "${held}" already, not "${value}"; it holds for as long as the cluster is in the set`,
        remedy: `give "${held}", or take the cluster out of the set first, with causeway disable`,
      },
    ];
  });
}

function remoteFindings({ remotes }: PreflightFacts, { clusterId }: PreflightWish): Finding[] {
  return remotes
    .filter(remote => remote.clusterId === clusterId)
    .map(({ name }) => ({
      check: 'cluster.id',
      about: `RemoteCluster ${name}`,
      verdict: 'bad',
      found: `calls itself "${clusterId}" too, and ids are unique in the set`,
      remedy: 'give this cluster another --cluster-id',
    }));
}

function endingFindings({ ending }: PreflightFacts): Finding[] {
  return ending.map(name => ({
    check: 'namespace.ending',
    about: `namespace ${name}`,
    verdict: 'bad',
    found: 'is being removed, and takes nothing new',
    remedy: `run this again when it is gone: kubectl wait --for delete namespace/${name}`,
  }));
}

function namespaceFindings({ namespace: is }: PreflightFacts, { namespace }: PreflightWish): Finding[] {
  if (is !== 'foreign') return [];
  return [
    {
      check: 'namespace',
      about: `namespace ${namespace}`,
      verdict: 'bad',
      found: "is there already and not marked as Causeway's",
      remedy: `give another one with --namespace; or, if nothing else is in it, kubectl label namespace ${namespace} app.kubernetes.io/part-of=causeway`,
    },
  ];
}

function installedFindings({ installed }: PreflightFacts, wish: PreflightWish): Finding[] {
  const about = 'Causeway';
  const elsewhere = [
    ...new Set(installed.map(one => one.namespace).filter(one => one !== wish.namespace)),
  ].map(
    (namespace): Finding => ({
      check: 'causeway.namespace',
      about,
      verdict: 'bad',
      found: `runs in namespace ${namespace} already`,
      remedy: `give --namespace ${namespace}, or take that one away first, with causeway disable`,
    }),
  );
  const versions = [...new Set(installed.flatMap(({ version }) => version ?? []))];
  const others = versions
    .filter(version => version !== wish.version)
    .map((version): Finding => {
      const newer = compareVersions(version, wish.version) > 0;
      return {
        check: 'causeway.version',
        about,
        verdict: newer ? 'bad' : 'good',
        found: newer
          ? `is ${version} in this cluster, and this program is ${wish.version}`
          : `is ${version} and becomes ${wish.version}`,
        ...(newer ? { remedy: `use causeway ${version}: nothing is made older` } : {}),
      };
    });
  return [...elsewhere, ...others];
}
