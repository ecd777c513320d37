import * as v from 'valibot';
import { parse } from 'yaml';
import { run } from './process.ts';

/** One record, as text. */
export interface Answer {
  readonly owner: string;
  readonly ttl: number;
  readonly type: string;
  readonly data: string;
}

/** What a client got. */
export interface Reply {
  /** The response code's name, as `NXDOMAIN`. */
  readonly status: string;
  readonly flags: readonly string[];
  /** The transport of the reply that counts: TCP where dig came back over TCP after a truncated one. */
  readonly protocol: 'UDP' | 'TCP';
  /** The question, in the spelling that came back. */
  readonly question: string;
  readonly answer: readonly Answer[];
  readonly authority: readonly Answer[];
  readonly additional: readonly Answer[];
}

const section = v.optional(v.array(v.string()), []);
const schema = v.array(
  v.object({
    message: v.object({
      socket_protocol: v.picklist(['UDP', 'TCP']),
      response_message_data: v.object({
        status: v.string(),
        flags: v.string(),
        QUESTION_SECTION: section,
        ANSWER_SECTION: section,
        AUTHORITY_SECTION: section,
        ADDITIONAL_SECTION: section,
      }),
    }),
  }),
);

/**
 * Asks 127.0.0.1 with the real dig; `args` is what follows the server on its command line, as `payments.… AAAA +tcp`,
 * or begins with another server.
 */
export async function dig(port: number, args: string): Promise<Reply> {
  const server = args.startsWith('@') ? [] : ['@127.0.0.1'];
  const text = await run('dig', [
    '+yaml',
    '+tries=1',
    '+time=6',
    '-p',
    String(port),
    ...server,
    ...args.split(' '),
  ]);
  const message = v.parse(schema, parse(text)).at(-1)?.message;
  if (message === undefined) throw new Error(`dig ${args} printed no message:\n${text}`);
  const data = message.response_message_data;
  return {
    status: data.status,
    flags: data.flags.split(' '),
    protocol: message.socket_protocol,
    question: data.QUESTION_SECTION[0]?.split(' ')[0] ?? '',
    answer: data.ANSWER_SECTION.map(readAnswer),
    authority: data.AUTHORITY_SECTION.map(readAnswer),
    additional: data.ADDITIONAL_SECTION.map(readAnswer),
  };
}

function readAnswer(line: string): Answer {
  const [owner = '', ttl = '', , type = '', ...data] = line.split(' ');
  return { owner, ttl: Number(ttl), type, data: data.join(' ') };
}

/** What the answers say, sorted: `loadbalance`, where a CoreDNS has it, keeps no order. */
export function sortedData(reply: Reply): string[] {
  return reply.answer.map(({ data }) => data).sort();
}
