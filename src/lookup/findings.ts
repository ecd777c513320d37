import type { RemoteClusterObject } from '../objects/shapes.ts';
import { type Draws, verdictText } from '../views/draws.ts';
import { type Explanation, leftOutReason, reasonOf } from '../views/explanation.ts';
import type { Finding } from '../views/finding.ts';
import { cacheSignOf } from './cache-signs.ts';
import { addressBookOf } from './clusters.ts';
import { type ExplainedFacts, type LookupFacts, whyOf } from './facts.ts';
import type { Question } from './question.ts';

/** What there is to say about a question that somebody answered, the answer itself first. */
export function lookupFindings(facts: LookupFacts, draws: Draws | undefined): Finding[] {
  const { question, servers, explanations, remotes } = facts;
  const why = whyOf(explanations);
  return [
    answerFinding(facts, why),
    ...servers.flatMap(({ server, asked }): Finding[] =>
      asked.answered
        ? []
        : [{ check: 'resolve.server', about: server, verdict: 'bad', found: `no answer: ${asked.reason}` }],
    ),
    ...codeFindings(facts),
    ...agreementFindings(explanations),
    ...whyFindings(explanations, why),
    ...(why === undefined ? [] : lostFindings(why, remotes)),
    ...cacheFindings(facts, why),
    ...(draws === undefined ? [] : [drawsFinding(question, draws, why)]),
  ];
}

function answerFinding({ question, servers }: LookupFacts, why: Explanation | undefined): Finding {
  const { name, type } = question;
  const replies = servers.flatMap(({ asked }) => (asked.answered ? [asked.reply] : []));
  const without = replies.filter(({ rcode, answers }) => rcode !== 'NOERROR' || answers.length === 0);
  const about = { check: 'resolve.answer', about: name };
  const [bad] = without;
  if (bad === undefined) {
    const of = replies.length === 1 ? '' : ` from each of ${replies.length} servers`;
    return { ...about, verdict: 'good', found: `an answer${of}` };
  }
  const said = bad.rcode === 'NOERROR' ? `no ${type} record` : bad.rcode;
  const reasons = why === undefined ? [] : [reasonOf(why), ...clusterReasons(why)];
  const remedy = why === undefined ? undefined : remedyFor(why, question);
  return {
    ...about,
    verdict: 'bad',
    found: [said, ...reasons].join(': '),
    ...(remedy === undefined ? {} : { remedy }),
  };
}

/** Of a service that exists and gives nothing. */
function clusterReasons(why: Explanation): string[] {
  if (why.step !== 'drawn' || why.answers > 0) return [];
  return [
    why.clusters
      .flatMap(cluster => {
        const reason = leftOutReason(why, cluster);
        return reason === undefined ? [] : [`${cluster.cluster}: ${reason}`];
      })
      .join('; '),
  ].filter(text => text !== '');
}

function remedyFor(
  { step, similar = [], answers, clusters }: Explanation,
  { name }: Question,
): string | undefined {
  const [namespace = '', service = ''] = name
    .replace(/\.svc\..*$/, '')
    .split('.')
    .reverse();
  switch (step) {
    case 'no-service':
      return `in a cluster that has it: causeway export ${service} -n ${namespace}`;
    case 'no-namespace':
      return (
        (similar.length === 0
          ? `see in which namespaces there are services: causeway get services; if ${namespace} is right: `
          : `ask in ${similar.join(' or ')} if that was meant; if not: `) +
        `kubectl create namespace ${namespace}, in the cluster that asks`
      );
    case 'not-loaded':
      return 'causeway status says what the daemon waits for';
    case 'drawn':
      return answers === 0 && clusters.every(({ leftOut }) => leftOut === 'weight-zero')
        ? 'give one of the clusters a weight above 0'
        : undefined;
    default:
      return undefined;
  }
}

/** Servers that do not even agree on whether there is such a name. */
function codeFindings({ question, servers }: LookupFacts): Finding[] {
  const codes = servers.flatMap(({ server, asked }) =>
    asked.answered ? [[server, asked.reply.rcode] as const] : [],
  );
  if (new Set(codes.map(([, rcode]) => rcode)).size < 2) return [];
  const found = codes.map(([server, rcode]) => `${server} says ${rcode}`).join(', ');
  return [{ check: 'resolve.agree', about: question.name, verdict: 'bad', found }];
}

/** Daemons that would not draw between the same clusters with the same shares. */
function agreementFindings(explanations: readonly ExplainedFacts[]): Finding[] {
  const said = explanations.flatMap(({ server, explained }) =>
    explained.explained ? [{ server, why: explained.why }] : [],
  );
  const [first, ...others] = said;
  if (first === undefined) return [];
  return others.flatMap(({ server, why }): Finding[] => {
    const found = difference(first.why, why);
    if (found === undefined) return [];
    return [
      {
        check: 'resolve.agree',
        about: server,
        verdict: 'bad',
        found: `does not know what ${first.server} knows: ${found}`,
        remedy: 'ask again, as a change may be on its way; if it stays, see causeway status',
      },
    ];
  });
}

function difference(one: Explanation, other: Explanation): string | undefined {
  if (one.step !== other.step) return `${other.step} where the other has ${one.step}`;
  const byCluster = new Map(one.clusters.map(cluster => [cluster.cluster, JSON.stringify(cluster)]));
  const otherNames = other.clusters.map(({ cluster }) => cluster);
  const differing = [
    ...other.clusters
      .filter(cluster => byCluster.get(cluster.cluster) !== JSON.stringify(cluster))
      .map(({ cluster }) => cluster),
    ...[...byCluster.keys()].filter(cluster => !otherNames.includes(cluster)),
  ];
  return differing.length === 0 ? undefined : `another view of ${differing.join(', ')}`;
}

function whyFindings(explanations: readonly ExplainedFacts[], why: Explanation | undefined): Finding[] {
  const silent = explanations.flatMap(({ server, explained }): Finding[] =>
    explained.explained
      ? []
      : [
          {
            check: 'resolve.why',
            about: server,
            verdict: 'unknown',
            found: `does not say why: ${explained.reason}`,
          },
        ],
  );
  if (why?.staleSince === undefined) return silent;
  const found = `hears nothing from its source since ${why.staleSince}, and serves what it knew`;
  return [...silent, { check: 'resolve.stale', about: 'DNS daemon', verdict: 'warning', found }];
}

function lostFindings({ clusters }: Explanation, remotes: readonly RemoteClusterObject[]): Finding[] {
  return clusters
    .filter(({ serving }) => !serving)
    .map(({ cluster }) => {
      const remote = remotes.find(({ name, status }) => (status.clusterId ?? name) === cluster);
      const condition = remote?.status.conditions.find(({ type }) => type === 'Serving');
      const since =
        condition?.status === 'False'
          ? ` since ${condition.lastTransitionTime} (${condition.reason}): ${condition.message}`
          : '';
      return {
        check: 'resolve.cluster',
        about: cluster,
        verdict: 'warning' as const,
        found: `held for lost, not serving${since}`,
      };
    });
}

function cacheFindings(facts: LookupFacts, why: Explanation | undefined): Finding[] {
  const found = cacheSignOf(facts, why?.ttl);
  return found === undefined
    ? []
    : [
        {
          check: 'resolve.cache',
          about: facts.question.name,
          verdict: 'warning',
          found,
          remedy: 'take `cache` out of the server block of the zone: docs/coredns.md says why',
        },
      ];
}

function drawsFinding(question: Question, draws: Draws, why: Explanation | undefined): Finding {
  const about = { check: 'resolve.shares', about: question.name };
  const { ambiguous } = addressBookOf(why);
  if (ambiguous.length > 0) {
    const found = `${ambiguous.join(' ')} stands for several clusters, so answers cannot be told apart`;
    return { ...about, verdict: 'unknown', found };
  }
  const verdicts = {
    'within-chance': 'good',
    'not-as-configured': 'bad',
    'too-few': 'unknown',
    cached: 'unknown',
    'not-drawn': 'unknown',
  } as const;
  return { ...about, verdict: verdicts[draws.verdict], found: verdictText(draws) };
}
