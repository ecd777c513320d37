import { isLabel } from '../base/name.ts';
import { privateExportsNamespace } from '../desired/publication.ts';
import type { ConnectLink } from '../views/connect.ts';
import type { Finding } from '../views/finding.ts';
import type { EndpointFacts, MemberFacts } from './facts.ts';

/** The oldest version of Kubernetes that is tested against. */
const OLDEST_MINOR = 30;

/** Whether clusters can be connected: of each, and of each two of them. What is `bad` speaks against it. */
export function preflight(members: readonly MemberFacts[]): Finding[] {
  const pairs = members.flatMap((one, index) => members.slice(index + 1).map(other => [one, other] as const));
  return [...members.flatMap(memberFindings), ...pairs.flatMap(([one, other]) => pairFindings(one, other))];
}

/**
 * Without what is said of addresses that nobody is given: one that a connection has already may stay in their place.
 *
 * @param links what the clusters are connected by in the end
 */
export function withoutUnused(
  findings: readonly Finding[],
  members: readonly MemberFacts[],
  links: readonly { readonly server: string }[],
): Finding[] {
  const isUsed = ({ endpoint }: MemberFacts) => links.some(({ server }) => server === endpoint.server);
  const unused = members.filter(member => !isUsed(member)).map(({ context }) => context);
  return findings.filter(({ check, about }) => check !== 'member.address' || !unused.includes(about));
}

/**
 * Without doubts about who answers at an address once the controllers know: all that were given it read the cluster.
 *
 * @param links what the clusters are connected by, and what came of it
 */
export function withoutAnswered(
  findings: readonly Finding[],
  members: readonly MemberFacts[],
  links: readonly Pick<ConnectLink, 'source' | 'server' | 'synced' | 'serving'>[],
): Finding[] {
  const isAnswered = ({ clusterId, endpoint }: MemberFacts) => {
    const given = links.filter(({ source, server }) => source === clusterId && server === endpoint.server);
    return given.length > 0 && given.every(({ synced, serving }) => synced === 'True' && serving === 'True');
  };
  const answered = members.filter(isAnswered).map(({ context }) => context);
  return findings.filter(
    ({ check, about, verdict }) =>
      check !== 'member.certificate' || verdict === 'good' || !answered.includes(about),
  );
}

function memberFindings(member: MemberFacts): Finding[] {
  return [
    versionFinding(member),
    enabledFinding(member),
    ...identityFindings(member),
    ...endpointFindings(member),
  ];
}

function versionFinding({ context, version }: MemberFacts): Finding {
  const [, major = '', minor = ''] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  const common = { check: 'member.version', about: context };
  if (major === '') {
    return { ...common, verdict: 'unknown', found: `its API server says that it is of version "${version}"` };
  }
  if (Number(major) > 1 || Number(minor) >= OLDEST_MINOR) {
    return { ...common, verdict: 'good', found: `Kubernetes ${version}` };
  }
  return {
    ...common,
    verdict: 'bad',
    found: `Kubernetes ${version} is older than 1.${OLDEST_MINOR}`,
    remedy: 'upgrade the cluster first',
  };
}

function enabledFinding({ context, missing }: MemberFacts): Finding {
  const common = { check: 'member.enabled', about: context };
  if (missing.length === 0) return { ...common, verdict: 'good', found: 'Causeway is enabled' };
  return {
    ...common,
    verdict: 'bad',
    found: `Causeway is not enabled, or only in part: it lacks ${missing.join(', ')}`,
    remedy: `causeway enable --context ${context} --cluster-id ID`,
  };
}

function identityFindings({ context, clusterId, missing }: MemberFacts): Finding[] {
  const common = { check: 'member.identity', about: context };
  if (clusterId === undefined) {
    // Where nothing is enabled yet that is said already.
    if (missing.length > 0) return [];
    const found = 'it has no cluster id, or none that can be one';
    const remedy = `causeway enable --context ${context} --cluster-id ID`;
    return [{ ...common, verdict: 'bad', found, remedy }];
  }
  const namespace = privateExportsNamespace(clusterId);
  if (isLabel(namespace)) return [{ ...common, verdict: 'good', found: `its cluster id is ${clusterId}` }];
  const found = `its cluster id ${clusterId} cannot be part of a namespace's name (${namespace})`;
  const remedy = 'give it an id of lower-case letters, digits and hyphens, of 46 at most';
  return [{ ...common, verdict: 'bad', found, remedy }];
}

function endpointFindings({ context, endpoint }: MemberFacts): Finding[] {
  const { server } = endpoint;
  const address = isOwnMachine(new URL(server).hostname)
    ? [
        {
          check: 'member.address',
          about: context,
          verdict: 'warning' as const,
          found: `${server} is an address that every machine has for itself: pods of another cluster do not reach it`,
          remedy: 'give the address that they reach with --server-override or --destination-server-override',
        },
      ]
    : [];
  return [...address, certificateFinding(context, endpoint)];
}

function certificateFinding(context: string, { server, isOverride, trust }: EndpointFacts): Finding {
  const common = { check: 'member.certificate', about: context };
  if (trust === 'unasked') {
    return {
      ...common,
      verdict: 'warning',
      found: `${server} was not asked from here, so who answers there is not known`,
      remedy:
        'nothing, if the pods of the other clusters reach it: their controllers find out, and `causeway status` says ' +
        'whether they follow it',
    };
  }
  if ('verified' in trust) {
    return { ...common, verdict: 'good', found: `${server} is trusted by ${ORIGINS[trust.verified]}` };
  }
  if ('unreached' in trust) {
    return {
      ...common,
      verdict: 'unknown',
      found: `${server} cannot be reached from here, so who answers there is not known: ${trust.unreached}`,
      remedy: 'nothing, if the pods of the other clusters reach it',
    };
  }
  return {
    ...common,
    verdict: 'bad',
    found:
      `${server} shows a certificate by "${trust.issuer}" (${trust.distrusted}), which neither the kubeconfig's authority ` +
      'nor ConfigMap kube-system/kube-root-ca.crt vouches for: an API server behind a proxy with another CA',
    remedy:
      'give the address of the API server itself with --server-override or --destination-server-override, or put the ' +
      "proxy's authority into certificate-authority-data of the kubeconfig" +
      (isOverride ? `; ${ONLY_FROM_HERE}` : ''),
  };
}

/** For an address that the operator has given. */
export const ONLY_FROM_HERE =
  'where it is only from here that somebody else answers there: --skip-server-check';

const ORIGINS = {
  kubeconfig: 'the authority in the kubeconfig',
  'kube-root-ca.crt': "the cluster's own authority (ConfigMap kube-root-ca.crt)",
  system: 'an authority that everybody trusts',
} as const;

function isOwnMachine(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return (
    host === 'localhost' || host === '0.0.0.0' || host === '::' || host === '::1' || host.startsWith('127.')
  );
}

function pairFindings(one: MemberFacts, other: MemberFacts): Finding[] {
  return [
    ...idFindings(one, other),
    ...setFindings(one, other),
    ...nameFindings(one, other),
    ...nameFindings(other, one),
  ];
}

function idFindings(one: MemberFacts, other: MemberFacts): Finding[] {
  if (one.clusterId === undefined || other.clusterId === undefined) return [];
  const common = { check: 'pair.identity', about: `${one.context} and ${other.context}` };
  if (one.clusterId !== other.clusterId) {
    return [
      { ...common, verdict: 'good', found: `their cluster ids are ${one.clusterId} and ${other.clusterId}` },
    ];
  }
  return [
    {
      ...common,
      verdict: 'bad',
      found: `both have the cluster id ${one.clusterId}, or both contexts lead to the same cluster`,
      remedy: 'give each cluster of the set an id of its own: causeway enable --cluster-id ID',
    },
  ];
}

function setFindings(one: MemberFacts, other: MemberFacts): Finding[] {
  const [first, second] = [one.clusterset, other.clusterset];
  if (first === undefined || second === undefined || first === second) return [];
  return [
    {
      check: 'pair.clusterset',
      about: `${one.context} and ${other.context}`,
      verdict: 'bad',
      found: `they are of two cluster sets, ${first} and ${second}`,
      remedy: 'give both the same name: causeway enable --clusterset NAME',
    },
  ];
}

/** Whether the reader knows the other under another name already: its id would be taken. */
function nameFindings(reader: MemberFacts, other: MemberFacts): Finding[] {
  const { clusterId } = other;
  const known = reader.remotes.find(remote => remote.clusterId === clusterId && remote.name !== clusterId);
  if (clusterId === undefined || known === undefined) return [];
  return [
    {
      check: 'pair.name',
      about: reader.context,
      verdict: 'bad',
      found: `it is connected with ${clusterId} already, by the RemoteCluster ${known.name}`,
      remedy: `causeway disconnect --context ${reader.context} ${known.name}`,
    },
  ];
}
