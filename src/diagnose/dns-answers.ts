import type { Diagnosis } from '../views/diagnose.ts';
import type { ClusterFacts, Probe, ProbedAnswer, Tried } from './facts.ts';
import { family, type Say } from './family.ts';

const FROM_POD =
  'Ask from a pod: `dig SOA clusterset.local @ADDRESS`, then once more with +tcp, with the ClusterIP of causeway-dns.';

const checks = {
  'answer.udp': 'the DNS daemons answer over UDP, where this machine reaches them',
  'answer.tcp': 'the DNS daemons answer over TCP, where this machine reaches them',
  'answer.size': 'the largest answer there is comes whole, asked for with EDNS and 1,232 octets',
} as const;

const messages = {
  UDP_UNANSWERED: {
    check: 'answer.udp',
    verdict: 'bad',
    found: '{target} answers over TCP and not over UDP: {reason}',
    cause:
      'A firewall or a NetworkPolicy lets TCP in and not UDP, or the Service has one of its two ports only.',
    cure: 'See dns.service and dns.policy; open port 53 over UDP between the pods, and 1053 to the daemons.',
  },
  TCP_UNANSWERED: {
    check: 'answer.tcp',
    verdict: 'bad',
    found: '{target} answers over UDP and not over TCP: {reason}',
    cause:
      'A firewall or a NetworkPolicy lets UDP in and not TCP, or the Service has one of its two ports only.',
    cure: 'See dns.service and dns.policy; without TCP large answers do not come, and NodeLocal DNSCache gets none.',
  },
  LARGE_ANSWER_LOST: {
    check: 'answer.size',
    verdict: 'bad',
    found: 'a small answer comes, and that for {name} does not: {reason}',
    cause:
      'Something on the way drops large datagrams or fragments, or TCP, over which the rest is asked for.',
    cure: 'Look at the MTU on the way, and whether port 53 is open over TCP.',
  },
  LARGE_ANSWER_EMPTY: {
    check: 'answer.size',
    verdict: 'warning',
    found: '{name} has endpoints, and its answer is {rcode} without an address',
    cause: 'The daemon has not heard of them yet, or none of them is ready.',
    cure: 'See component.loaded; `causeway resolve` says why an answer is what it is.',
  },
} as const;

type AnswerSay = Say<keyof typeof checks, typeof messages>;

export const dnsAnswers = family({
  name: 'answer',
  about: 'whether the DNS daemons answer when they are really asked from this machine',
  checks,
  messages,
  *judge({ clusters }, say) {
    for (const cluster of clusters) {
      const { context, probes } = cluster;
      const found = 'unknown' in probes ? [] : probes.value;
      const answered = found.filter(({ udp, tcp }) => 'value' in udp || 'value' in tcp);
      if (answered.length === 0) {
        const reason = 'unknown' in probes ? probes.unknown : unreached(found);
        for (const check of ['answer.udp', 'answer.tcp'] as const) {
          yield say.unknown(check, context, reason, FROM_POD);
        }
      }
      for (const probe of answered) yield* both(probe, context, say);
      yield size(cluster, answered.length > 0, say);
    }
  },
});

function unreached(probes: readonly Probe[]): string {
  const [first] = probes;
  if (first === undefined) return 'there is no daemon to ask';
  return `this machine does not reach the network of the pods: ${first.target}: ${reasonOf(first.udp)}`;
}

function* both({ target, udp, tcp }: Probe, about: string, say: AnswerSay): Generator<Diagnosis> {
  const says = ({ rcode, milliseconds }: ProbedAnswer) =>
    `${target} answers ${rcode} within ${milliseconds} ms`;
  if ('value' in udp) yield say.good('answer.udp', about, says(udp.value));
  else yield say.wrong('UDP_UNANSWERED', about, { target, reason: reasonOf(udp) });
  if ('value' in tcp) yield say.good('answer.tcp', about, says(tcp.value));
  else yield say.wrong('TCP_UNANSWERED', about, { target, reason: reasonOf(tcp) });
}

function size({ context, largest }: ClusterFacts, reached: boolean, say: AnswerSay): Diagnosis {
  if ('unknown' in largest) return say.unknown('answer.size', context, largest.unknown);
  if (largest.value === undefined) {
    return say.unknown(
      'answer.size',
      context,
      'no headless service is imported, so that every answer is small',
    );
  }
  if (!reached)
    return say.unknown('answer.size', context, 'no daemon can be asked: see answer.udp', FROM_POD);
  const { name, answer } = largest.value;
  if (!('value' in answer))
    return say.wrong('LARGE_ANSWER_LOST', context, { name, reason: reasonOf(answer) });
  const { rcode, records, transport } = answer.value;
  if (records === 0) return say.wrong('LARGE_ANSWER_EMPTY', context, { name, rcode });
  const way = transport === 'udp' ? 'over UDP' : 'over TCP, as there are more than fit into a datagram';
  return say.good('answer.size', context, `all ${records} addresses of ${name} came ${way}`);
}

function reasonOf(tried: Tried<ProbedAnswer>): string {
  if ('value' in tried) return tried.value.rcode;
  return 'unknown' in tried ? tried.unknown : tried.failed;
}
