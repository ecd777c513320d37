import koffi from 'koffi';

/** Sends datagrams as fast as one processor can, and prints how many nanoseconds one takes: `ADDRESS OCTETS` */
const [address = '', octets = ''] = process.argv.slice(2);
/** The discard protocol's (RFC 863). */
const PORT = 9;
const [AF_INET, SOCK_DGRAM] = [2, 2];
const TOGETHER = 30_000;
const TIMES = 5;

const library = koffi.load(null);
const socket = library.func('int socket(int, int, int)');
const connect = library.func('int connect(int, const void *, unsigned int)');
const send = library.func('long send(int, const void *, size_t, int)');

const to = Uint8Array.of(AF_INET, 0, 0, PORT, ...address.split('.').map(Number), 0, 0, 0, 0, 0, 0, 0, 0);
const from = socket(AF_INET, SOCK_DGRAM, 0);
if (connect(from, to, to.length) !== 0) throw new Error(`${address}: cannot be sent to`);
const data = new Uint8Array(Number(octets));
// Without others who want the same processor just then.
let least = Number.POSITIVE_INFINITY;
for (let time = 0; time < TIMES; time++) {
  const begun = performance.now();
  for (let count = 0; count < TOGETHER; count++)
    if (send(from, data, data.length, 0) < 0) throw new Error(`${address}: errno ${koffi.errno()}`);
  least = Math.min(least, ((performance.now() - begun) * 1e6) / TOGETHER);
}
console.log(Math.round(least));
