import { VersionBoard } from '../../src/answer/version-board.ts';
import { allowedCpus } from '../../src/serve/batched/affinity.ts';
import { BatchedUdp, type BatchedUdpOptions } from '../../src/serve/batched/batched-udp.ts';
import { loadSystemCalls } from '../../src/serve/batched/system-calls.ts';
import type { UdpSide } from '../../src/serve/transport.ts';
import { UdpTransport } from '../../src/serve/udp.ts';
import { silent } from './handlers.ts';
import { SETTINGS } from './oracle.ts';

export type MakeUdp = (
  options: Pick<BatchedUdpOptions, 'listen' | 'handler'> & Partial<BatchedUdpOptions>,
) => Promise<UdpSide>;

const makeDgram: MakeUdp = async options =>
  new UdpTransport({ log: silent, sendFailed: () => {}, ...options });

/** Without anything compiled, so that all goes to the handler, unless told otherwise. */
export async function makeBatched(options: Parameters<MakeUdp>[0]): Promise<BatchedUdp> {
  return (await batchedOf())(options);
}

/** The same for those who have to make it at once. */
export async function batchedOf(): Promise<(options: Parameters<MakeUdp>[0]) => BatchedUdp> {
  const calls = await loadSystemCalls();
  return options =>
    new BatchedUdp({
      calls,
      threads: 1,
      cpus: [],
      compiled: () => undefined,
      board: VersionBoard.words(),
      fastPath: { ...SETTINGS_OF_THREADS, answers: 1024, hashSeed: 0xfa57 },
      limit: undefined,
      log: silent,
      sendFailed: () => {},
      include: () => {},
      failing: () => {},
      now: () => performance.now(),
      ...options,
    });
}

const { cookieSecret, nsid, payloadSize } = SETTINGS;
const SETTINGS_OF_THREADS = { cookieSecret, nsid, payloadSize };

const makeBound: MakeUdp = async options => {
  const cpus = allowedCpus(await loadSystemCalls()).slice(0, 2);
  return makeBatched({ threads: 3, cpus, ...options });
};

/** Every transport that this system can have: what holds for one holds for all. */
export const udpTransports: readonly { readonly name: string; readonly make: MakeUdp }[] = [
  { name: 'dgram', make: makeDgram },
  ...(process.platform === 'linux'
    ? [
        { name: 'batches', make: makeBatched },
        {
          name: 'batches, three threads',
          make: (options: Parameters<MakeUdp>[0]) => makeBatched({ threads: 3, ...options }),
        },
        { name: 'batches, three threads and CPUs of their own', make: makeBound },
      ]
    : []),
];
