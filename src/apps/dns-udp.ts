import { availableParallelism } from 'node:os';
import type { RateLimitOptions } from '../answer/rate-limit.ts';
import { answerMessage } from '../answer/ready-answer.ts';
import type { Responder } from '../answer/responder.ts';
import { Restraint } from '../answer/restraint.ts';
import type { VersionBoard } from '../answer/version-board.ts';
import { CausewayError, messageOf } from '../base/errors.ts';
import type { Logger } from '../ops/log.ts';
import { METRICS } from '../ops/metric-table.ts';
import type { Metrics } from '../ops/metrics.ts';
import { AutoUdp } from '../serve/auto-udp.ts';
import { allowedCpus, probeBinding, threadCpus } from '../serve/batched/affinity.ts';
import { BatchedUdp, type BatchedUdpOptions } from '../serve/batched/batched-udp.ts';
import { probeSteering, probeSystem } from '../serve/batched/socket.ts';
import { loadSystemCalls, type SystemCalls } from '../serve/batched/system-calls.ts';
import type { QueryMetrics } from '../serve/query-metrics.ts';
import { restrained } from '../serve/restrained.ts';
import { formatAddress, type Handler, type ListenAddress, type UdpSide } from '../serve/transport.ts';
import { UdpTransport } from '../serve/udp.ts';
import { type ReplyOptions, unixSeconds } from './dns-parts.ts';
import { type DnsConfig, PRIVATE_NETWORKS } from './settings.ts';

export interface UdpParts {
  readonly config: DnsConfig;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly queries: QueryMetrics;
  readonly handler: Handler;
  readonly responder: Responder;
  readonly board: VersionBoard;
  readonly replies: ReplyOptions;
}

/**
 * Makes the UDP side of addresses as the settings say.
 *
 * @throws CausewayError SETTING_INVALID where the batched transport was asked for and cannot be had
 */
export async function createUdp(parts: UdpParts): Promise<(listen: ListenAddress) => UdpSide> {
  const { config, log, metrics } = parts;
  const calls = await systemCalls(parts);
  const threads = calls === undefined ? 0 : config.udpThreads;
  log.info({ transport: calls === undefined ? 'dgram' : 'batched', threads }, 'udp transport chosen');
  const idle = idleThreads(config.udpThreads, threads === 0 ? 1 : availableParallelism());
  if (idle !== undefined) log.warn({ threads: config.udpThreads }, idle);
  const cpus = spreadCpus(parts, calls);
  const dgram = dgramOn(parts);
  if (calls === undefined) return dgram;
  const all: BatchedUdp[] = [];
  metrics.export(METRICS.udpLost, () => [{ value: all.reduce((sum, { lost }) => sum + lost, 0) }]);
  metrics.export(METRICS.udpThreadRestarts, () => [
    { value: all.reduce((sum, { restarts }) => sum + restarts, 0) },
  ]);
  const batched = (listen: ListenAddress, failing: (reason: string) => void) => {
    const udp = batchedOn(listen, { ...parts, calls, cpus }, failing);
    all.push(udp);
    return udp;
  };
  if (config.udpTransport === 'auto') {
    return listen => new AutoUdp({ listen, dgram, log, batched: failing => batched(listen, failing) });
  }
  const advice = 'threads that answer udp fail again and again; --udp-transport auto would go over to dgram';
  return listen => batched(listen, reason => log.error({ reason, listen: formatAddress(listen) }, advice));
}

/** What to say of threads that there is no use for. @param most with which more would be done than with fewer */
export function idleThreads(asked: number, most: number): string | undefined {
  if (asked <= most) return undefined;
  const why = most === 1 ? 'one thread answers all, by dgram or on one CPU' : `there are ${most} CPUs`;
  return `--udp-threads: ${why}; more threads take memory and time to start, and answer no more`;
}

/** The CPUs of the threads, as `BatchedUdp` takes them. @param calls undefined: `dgram` serves */
export function spreadCpus(
  { config, log }: Pick<UdpParts, 'config' | 'log'>,
  calls: SystemCalls | undefined,
): readonly number[] {
  const { udpSpread, udpThreads, listen } = config;
  if (udpSpread === 'hash') return [];
  const byHash = (reason: string) => {
    log.warn({ reason }, '--udp-spread: cpu cannot be had; clients are spread by hash');
    return [];
  };
  if (calls === undefined || udpThreads === 1) return byHash('one thread answers all');
  try {
    for (const { address } of listen) probeSteering(calls, address);
    probeBinding(calls);
    const cpus = threadCpus(allowedCpus(calls), udpThreads);
    log.info({ cpus }, 'udp threads are to be bound to cpus');
    return cpus;
  } catch (error) {
    return byHash(messageOf(error));
  }
}

/** Which transport runs, and on how many sockets. */
export function exportUdpSockets(metrics: Metrics, { udp }: { readonly udp: readonly UdpSide[] }): void {
  metrics.export(METRICS.udpSockets, () =>
    (['batched', 'dgram'] as const).map(transport => ({
      labels: { transport },
      value: udp.reduce((sum, { kind, serving }) => sum + (kind === transport ? serving : 0), 0),
    })),
  );
}

/** Undefined: `dgram` shall serve. */
async function systemCalls({ config, log }: UdpParts): Promise<SystemCalls | undefined> {
  if (config.udpTransport === 'dgram') return undefined;
  try {
    if (config.queryLogSample > 0) throw new Error('it has no query log (--query-log-sample)');
    const calls = await loadSystemCalls();
    for (const { address } of config.listen) probeSystem(calls, address, config.udpThreads);
    return calls;
  } catch (error) {
    if (config.udpTransport === 'batched') {
      throw new CausewayError(
        'SETTING_INVALID',
        `--udp-transport: batched cannot be had: ${messageOf(error)}; choose auto or dgram`,
        { cause: error },
      );
    }
    log.info({ reason: messageOf(error) }, 'batched udp transport cannot be had');
    return undefined;
  }
}

function limitOf({ config, replies }: UdpParts): RateLimitOptions | undefined {
  const { responseRate, responseRateExempt } = config;
  if (responseRate === 0) return undefined;
  const given = responseRateExempt.map(({ text }) => text);
  const exempt = given.length === 0 ? PRIVATE_NETWORKS : given;
  return { rate: responseRate, exempt, seed: replies.hashSeed };
}

function dgramOn(parts: UdpParts): (listen: ListenAddress) => UdpSide {
  const { log, queries, handler: unlimited, replies } = parts;
  const limit = limitOf(parts);
  const { cookieSecret } = replies;
  const handler =
    limit === undefined
      ? unlimited
      : restrained(
          unlimited,
          new Restraint({ ...limit, cookieSecret, unixSeconds }),
          () => performance.now(),
          queries.limited,
        );
  return listen => new UdpTransport({ listen, handler, log, sendFailed: queries.sendFailed });
}

function batchedOn(
  listen: ListenAddress,
  parts: UdpParts & Pick<BatchedUdpOptions, 'calls' | 'cpus'>,
  failing: (reason: string) => void,
): BatchedUdp {
  const { calls, cpus, config, log, queries, handler, responder, board, replies } = parts;
  const { cookieSecret, nsid, payloadSize, hashSeed } = replies;
  return new BatchedUdp({
    ...{ calls, listen, cpus, handler, log, failing },
    threads: config.udpThreads,
    compiled: message => {
      const kept = responder.keptFor(message);
      return kept && answerMessage(kept, { board, payloadSize, clusterSlot: queries.clusterSlot });
    },
    board: board.words,
    limit: limitOf(parts),
    fastPath: { cookieSecret, nsid, payloadSize, hashSeed, answers: config.compiledAnswers },
    sendFailed: queries.sendFailed,
    now: () => performance.now(),
    include: counts => queries.include(counts),
  });
}
