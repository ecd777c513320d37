import type { RateLimitOptions } from '../answer/rate-limit.ts';
import { answerMessage } from '../answer/ready-answer.ts';
import type { Responder } from '../answer/responder.ts';
import { Restraint } from '../answer/restraint.ts';
import type { VersionBoard } from '../answer/version-board.ts';
import { CausewayError, messageOf } from '../base/errors.ts';
import type { Logger } from '../ops/log.ts';
import { METRICS } from '../ops/metric-table.ts';
import type { Metrics } from '../ops/metrics.ts';
import { BatchedUdp } from '../serve/batched/batched-udp.ts';
import { probeSystem } from '../serve/batched/socket.ts';
import { loadSystemCalls, type SystemCalls } from '../serve/batched/system-calls.ts';
import type { QueryMetrics } from '../serve/query-metrics.ts';
import { restrained } from '../serve/restrained.ts';
import type { Handler, ListenAddress, Transport } from '../serve/transport.ts';
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
export async function createUdp(parts: UdpParts): Promise<(listen: ListenAddress) => Transport> {
  const { config, log, metrics, queries, handler } = parts;
  const calls = await systemCalls(parts);
  const transport = calls === undefined ? 'dgram' : 'batched';
  log.info({ transport }, 'udp transport chosen');
  const sockets = config.listen.length * (calls === undefined ? 1 : config.udpThreads);
  metrics.export(METRICS.udpSockets, () => [{ labels: { transport }, value: sockets }]);
  if (calls === undefined) {
    const handle = limitedBy(limitOf(parts), parts, handler);
    return listen => new UdpTransport({ listen, handler: handle, log, sendFailed: queries.sendFailed });
  }
  const all: BatchedUdp[] = [];
  metrics.export(METRICS.udpLost, () => [{ value: all.reduce((sum, { lost }) => sum + lost, 0) }]);
  return listen => {
    const udp = batchedOn(listen, calls, parts);
    all.push(udp);
    return udp;
  };
}

/** Undefined: `dgram` shall serve. */
async function systemCalls({ config, log }: UdpParts): Promise<SystemCalls | undefined> {
  if (config.udpTransport === 'dgram') return undefined;
  try {
    if (config.queryLogSample > 0) throw new Error('it has no query log (--query-log-sample)');
    const calls = await loadSystemCalls();
    for (const { address } of config.listen) probeSystem(calls, address);
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

function limitedBy(limit: RateLimitOptions | undefined, parts: UdpParts, handler: Handler): Handler {
  if (limit === undefined) return handler;
  const { cookieSecret } = parts.replies;
  const restraint = new Restraint({ ...limit, cookieSecret, unixSeconds });
  return restrained(handler, restraint, () => performance.now(), parts.queries.limited);
}

function batchedOn(listen: ListenAddress, calls: SystemCalls, parts: UdpParts): BatchedUdp {
  const { config, log, queries, handler, responder, board, replies } = parts;
  const { cookieSecret, nsid, payloadSize, hashSeed } = replies;
  return new BatchedUdp({
    ...{ calls, listen, handler, log },
    threads: config.udpThreads,
    compiled: message => {
      const kept = responder.keptFor(message);
      return kept && answerMessage(kept, { board, payloadSize, clusterSlot: queries.clusterSlot });
    },
    board: board.words,
    limit: limitOf(parts),
    fastPath: { cookieSecret, nsid, payloadSize, hashSeed, answers: config.compiledAnswers },
    sendFailed: queries.sendFailed,
    include: counts => queries.include(counts),
  });
}
