/** A random source: at least 0, below 1. */
type Random = () => number;

/** Values that lie: nothing, everything, the edges of label lengths and pointers, the codes of OPT and of cookies. */
const WORDS = [0, 1, 2, 10, 41, 255, 0x00ff, 0x3fff, 0x4000, 0x7fff, 0x8000, 0xc000, 0xc00c, 0xffff];

const mutations: readonly ((message: Buffer, random: Random, other: Buffer) => Buffer)[] = [
  function flipBit(message, random) {
    const at = below(random, message.length);
    message[at] = (message[at] ?? 0) ^ (1 << below(random, 8));
    return message;
  },
  function setOctet(message, random) {
    message[below(random, message.length)] = below(random, 256);
    return message;
  },
  function setWord(message, random) {
    const at = below(random, message.length - 1);
    const word = WORDS[below(random, WORDS.length)] ?? 0;
    message[at] = word >>> 8;
    message[at + 1] = word & 0xff;
    return message;
  },
  function lieAboutCount(message, random) {
    const at = 4 + 2 * below(random, 4);
    const word = WORDS[below(random, WORDS.length)] ?? 0;
    return Buffer.concat([
      message.subarray(0, at),
      Buffer.of(word >>> 8, word & 0xff),
      message.subarray(at + 2),
    ]);
  },
  function cut(message, random) {
    return message.subarray(0, below(random, message.length + 1));
  },
  function append(message, random) {
    const tail = Uint8Array.from({ length: below(random, 40) }, () => below(random, 256));
    return Buffer.concat([message, tail]);
  },
  function insert(message, random) {
    const at = below(random, message.length + 1);
    return Buffer.concat([message.subarray(0, at), Buffer.of(below(random, 256)), message.subarray(at)]);
  },
  function remove(message, random) {
    const at = below(random, message.length);
    return Buffer.concat([message.subarray(0, at), message.subarray(at + 1 + below(random, 4))]);
  },
  function repeat(message, random) {
    const at = below(random, message.length);
    return Buffer.concat([message, message.subarray(at)]);
  },
  function splice(message, random, other) {
    const at = below(random, message.length);
    return Buffer.concat([message.subarray(0, at), other.subarray(Math.min(at, other.length))]);
  },
];

/** A message of the corpus with one to four things wrong with it. The corpus is left as it is. */
export function mutate(corpus: readonly Buffer[], random: Random): Buffer {
  let message: Buffer = Buffer.from(corpus[below(random, corpus.length)] ?? '');
  const other = corpus[below(random, corpus.length)] ?? message;
  for (let times = 1 + below(random, 4); times > 0; times--) {
    message = mutations[below(random, mutations.length)]?.(message, random, other) ?? message;
  }
  return message;
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * Math.max(1, limit));
}
