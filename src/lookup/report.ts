import type { Explanation } from '../views/explanation.ts';
import type { Resolve, ResolveReply } from '../views/resolve.ts';
import { cacheSignOf } from './cache-signs.ts';
import { type AddressBook, addressBookOf } from './clusters.ts';
import { drawsOf } from './draws.ts';
import { type LookupFacts, type ServerFacts, whyOf } from './facts.ts';
import { lookupFindings } from './findings.ts';
import type { ReplyRecord } from './message.ts';

/** What the facts come to. */
export function reportOf(facts: LookupFacts): Resolve {
  const why: Explanation | undefined = whyOf(facts.explanations);
  const book = addressBookOf(why);
  const draws =
    facts.draws === undefined
      ? undefined
      : drawsOf(facts.draws, why, cacheSignOf(facts, why?.ttl) !== undefined);
  return {
    name: `${facts.question.name}.`,
    type: facts.question.type,
    asked: facts.asked,
    replies: facts.servers.flatMap(server => repliesOf(server, book)),
    ...(why === undefined ? {} : { why }),
    ...(draws === undefined ? {} : { draws }),
    findings: lookupFindings(facts, draws),
  };
}

function repliesOf({ server, asked }: ServerFacts, book: AddressBook): ResolveReply[] {
  if (!asked.answered) return [];
  const { transport, milliseconds, reply } = asked;
  const { rcode, flags, nsid, payloadSize, extendedErrors, answers, authorities } = reply;
  const records = (list: readonly ReplyRecord[]) => list.map(record => recordOf(record, book));
  return [
    {
      ...{ server, transport, rcode, flags: [...flags], milliseconds },
      ...(nsid === undefined ? {} : { nsid }),
      ...(payloadSize === undefined ? {} : { payloadSize }),
      extendedErrors: [...extendedErrors],
      answers: records(answers),
      authorities: records(authorities),
    },
  ];
}

function recordOf(record: ReplyRecord, book: AddressBook): ResolveReply['answers'][number] {
  const cluster = book.clusterOf(record.data);
  return cluster === undefined ? record : { ...record, cluster };
}
