import * as v from 'valibot';
import { explain } from '../../src/answer/explain.ts';
import type { Asked, Explained, LookupFacts } from '../../src/lookup/facts.ts';
import { queryOf, replyOf } from '../../src/lookup/message.ts';
import type { Question, QuestionType } from '../../src/lookup/question.ts';
import { reportOf } from '../../src/lookup/report.ts';
import type { Zone } from '../../src/records/zone.ts';
import { PLAIN } from '../../src/terminal/style.ts';
import { readExplanation } from '../../src/views/explanation.ts';
import { Resolve, resolveTable } from '../../src/views/resolve.ts';
import { TYPE } from '../../src/wire/codes.ts';
import { labelsOfText } from '../../src/wire/name.ts';
import { responderOf, TCP } from './dns.ts';
import { seededRandom } from './random.ts';

/** One server, which draws by itself. */
export interface TestServer {
  readonly name: string;
  readonly zone: Zone;
  readonly seed?: number;
  /** Octets of a reply, as something in between hands them on; undefined: nothing comes. */
  readonly between?: (reply: Buffer) => Buffer | undefined;
}

export interface TestLookup {
  readonly name?: string;
  readonly type?: QuestionType;
  readonly asked?: LookupFacts['asked'];
  readonly servers: readonly TestServer[];
  /** Servers that say why; all if not given. */
  readonly daemons?: readonly TestServer[];
  readonly count?: number;
  readonly remotes?: LookupFacts['remotes'];
}

/** The facts of asking for `payments` of `shop`, if no other name is given. */
export function factsOf({
  name = 'payments.shop.svc.clusterset.local',
  type = 'A',
  asked = 'replicas',
  servers,
  daemons = servers,
  count,
  remotes = [],
}: TestLookup): LookupFacts {
  const question = { name, type };
  const askers = servers.map(server => ({ server: server.name, ask: askerOf(server) }));
  const ask = (index: number) => askers[index % askers.length]?.ask(question) ?? NOBODY;
  return {
    question,
    asked,
    servers: askers.map(({ server, ask: put }) => ({ server, asked: put(question) })),
    explanations: daemons.map(({ name: server, zone }) => ({
      server,
      explained: explainedBy(zone, question),
    })),
    ...(count === undefined
      ? {}
      : { draws: { asked: Array.from({ length: count }, (_, index) => ask(index)), seconds: 1.25 } }),
    remotes,
  };
}

const NOBODY: Asked = { answered: false, reason: 'no answer within 2 s' };

function askerOf({ zone, seed = 1, between = reply => reply }: TestServer): (question: Question) => Asked {
  const responder = responderOf(zone, { random: seededRandom(seed) });
  return question => {
    const octets = responder.respond(queryOf(question, 0), TCP);
    const handed = octets instanceof Uint8Array ? between(Buffer.from(octets)) : undefined;
    const reply = handed && replyOf(handed);
    return reply === undefined ? NOBODY : { answered: true, transport: 'http', milliseconds: 3.0625, reply };
  };
}

function explainedBy(zone: Zone, { name, type }: Question): Explained {
  const page = explain(zone, { name: labelsOfText(name), type: TYPE[type] });
  const why = readExplanation(JSON.stringify(page));
  return why === undefined ? { explained: false, reason: 'not understood' } : { explained: true, why };
}

/** What `causeway resolve` prints of facts, without a terminal; its JSON is as it says. */
export function printed(facts: LookupFacts): string {
  const report = v.parse(Resolve, reportOf(facts));
  return resolveTable(report, PLAIN);
}

/** The findings alone: `✓ about: found`. */
export function findingsOf(lookup: TestLookup): string[] {
  const marks = { good: '✓', warning: '⚠', bad: '✗', unknown: '?' };
  return reportOf(factsOf(lookup)).findings.map(
    ({ verdict, about, found, remedy }) =>
      `${marks[verdict]} ${about}: ${found}${remedy === undefined ? '' : ` → ${remedy}`}`,
  );
}
