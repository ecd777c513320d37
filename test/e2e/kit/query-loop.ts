import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type DecodedPacket, decode, encode, RECURSION_DESIRED } from 'dns-packet';

/** One question and what came of it. Times are milliseconds of `performance.now()`. */
export interface Asked {
  readonly name: string;
  readonly at: number;
  /** The response code's name; undefined: no answer came in time. */
  rcode?: string;
  /** The addresses in the answer. */
  readonly addresses: string[];
  /** Info codes of extended errors (RFC 8914). */
  readonly extendedErrors: number[];
}

/** What may be answered for a name from a moment on. */
export interface Phase {
  readonly from: number;
  readonly addresses: readonly string[];
  /** For so many milliseconds after `from`, what the phase before had may be answered too. */
  readonly grace?: number;
}

/** How the answers for one name compare with what was right at the time. */
export interface Verdict {
  readonly questions: number;
  /** Answers with an address that could not be given any more, or with no address at all, in the order asked. */
  readonly wrong: readonly string[];
  readonly missing: number;
  /** From the beginning of each phase to the last answer with an address that it took away, in milliseconds. */
  readonly windows: readonly number[];
}

const perSecond = 200;
/** Milliseconds after which a question counts as not answered. */
const patience = 1_000;
/** Extended DNS error, RFC 8914 section 2. */
const extendedError = 15;

/** Asks one server for the A records of some names in turn, 200 questions a second in all, until it is stopped. */
export class QueryLoop {
  readonly #socket: Socket;
  readonly #port: number;
  readonly #names: readonly string[];
  readonly #asked: Asked[] = [];
  /** By id, the questions that an answer may still come for. */
  readonly #open = new Map<number, Asked>();
  readonly #timer: NodeJS.Timeout;
  readonly #begun = performance.now();

  private constructor(socket: Socket, port: number, names: readonly string[]) {
    this.#socket = socket;
    this.#port = port;
    this.#names = names;
    socket.on('message', message => this.#take(message));
    // That nobody listens is an answer that does not come.
    socket.on('error', () => {});
    this.#timer = setInterval(() => this.#askDue(), 1_000 / perSecond);
  }

  static async start(port: number, names: readonly string[]): Promise<QueryLoop> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new QueryLoop(socket, port, names);
  }

  /** Everything asked; resolves when no answer can come any more. */
  async stop(): Promise<readonly Asked[]> {
    clearInterval(this.#timer);
    await sleep(patience);
    this.#socket.close();
    return this.#asked;
  }

  /** As many as are due: a timer that comes late, on a busy machine, must not make it fewer. */
  #askDue(): void {
    const due = Math.floor(((performance.now() - this.#begun) * perSecond) / 1_000);
    while (this.#asked.length < due) this.#ask();
  }

  #ask(): void {
    const number = this.#asked.length;
    const name = this.#names[number % this.#names.length] ?? '';
    const asked: Asked = { name, at: performance.now(), addresses: [], extendedErrors: [] };
    const id = number & 0xffff;
    this.#asked.push(asked);
    this.#open.set(id, asked);
    const opt = { type: 'OPT', name: '.', udpPayloadSize: 1_232, flags: 0, options: [] } as unknown as Answer;
    const questions = [{ type: 'A' as const, name }];
    const message = encode({ id, flags: RECURSION_DESIRED, questions, additionals: [opt] });
    this.#socket.send(message, this.#port, '127.0.0.1');
  }

  #take(message: Buffer): void {
    // The types of dns-packet lack the code's name.
    const reply = decode(message) as DecodedPacket & { readonly rcode?: string };
    const asked = this.#open.get(reply.id ?? -1);
    this.#open.delete(reply.id ?? -1);
    if (asked === undefined || performance.now() - asked.at > patience) return;
    asked.rcode = reply.rcode ?? '';
    for (const answer of reply.answers ?? []) if (answer.type === 'A') asked.addresses.push(answer.data);
    const opt = reply.additionals?.find(one => one.type === 'OPT') as { options?: Option[] } | undefined;
    for (const { code, data } of opt?.options ?? []) {
      if (code === extendedError) asked.extendedErrors.push(data.readUInt16BE(0));
    }
  }
}

interface Option {
  readonly code: number;
  readonly data: Buffer;
}

/** Judges the answers for one name; `phases` are in the order of time, the first from the beginning. */
export function judge(all: readonly Asked[], name: string, phases: readonly Phase[]): Verdict {
  const questions = all.filter(asked => asked.name === name);
  const wrong = questions.flatMap(asked => wrongIn(asked, phases) ?? []);
  const windows = phases.slice(1).map((phase, index) => {
    const gone = (phases[index]?.addresses ?? []).filter(address => !phase.addresses.includes(address));
    const until = phases[index + 2]?.from ?? Number.POSITIVE_INFINITY;
    const last = questions.findLast(
      ({ at, addresses }) => at < until && addresses.some(address => gone.includes(address)),
    );
    return Math.max(0, Math.round((last?.at ?? 0) - phase.from));
  });
  return {
    questions: questions.length,
    wrong,
    missing: questions.filter(({ rcode }) => rcode === undefined).length,
    windows,
  };
}

/** The verdict in one line, for the log of a run. */
export function described(fault: string, { questions, wrong, missing, windows }: Verdict): string {
  const seconds = windows.map(window => `${(window / 1_000).toFixed(1)} s`).join(', ');
  return `${fault}: window ${seconds}; ${questions} questions, ${wrong.length} wrong, ${missing} missing`;
}

function wrongIn({ at, rcode, addresses }: Asked, phases: readonly Phase[]): string | undefined {
  if (rcode === undefined) return undefined;
  const index = phases.findLastIndex(({ from }) => at >= from);
  const phase = phases[Math.max(0, index)];
  if (phase === undefined) return undefined;
  const before = at < phase.from + (phase.grace ?? 0) ? (phases[index - 1]?.addresses ?? []) : [];
  const right = addresses.every(address => phase.addresses.includes(address) || before.includes(address));
  if (rcode === 'NOERROR' && addresses.length > 0 && right) return undefined;
  return `${Math.round(at - phase.from)} ms into phase ${index}: ${rcode} ${addresses.join(' ')}`;
}
