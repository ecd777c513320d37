import { randomInt } from 'node:crypto';
import { hostname } from 'node:os';
import type { Observer } from '../answer/event.ts';
import { Responder, type ResponderOptions } from '../answer/responder.ts';
import type { Logger } from '../ops/log.ts';
import { Zone } from '../records/zone.ts';
import { failureLog, queryLog } from '../serve/query-log.ts';
import type { QueryMetrics } from '../serve/query-metrics.ts';
import { MOST_HELD, TCP_TIMES, TcpServer } from '../serve/tcp.ts';
import type { Handler } from '../serve/transport.ts';
import { cookieSecret } from './cookie-secret.ts';
import type { DnsConfig } from './settings.ts';

/** Most octets of a name for NSID taken from the system. */
const LONGEST_NSID = 64;

/** @param localCluster asked whenever names are made, for a source may learn only later which cluster it is in */
export function createZone(config: DnsConfig, localCluster: () => string | undefined): Zone {
  return new Zone({
    origin: config.zone,
    ttl: config.ttl,
    get localCluster() {
      return localCluster();
    },
    backends: config.backends,
    clusterNames: config.clusterNames,
    nameserverAddresses: nameserverAddresses(config),
  });
}

/** A wildcard address is nobody's address: `ns.dns` has those that say where the server is. */
function nameserverAddresses({ nameserverAddress, listen }: DnsConfig): readonly string[] {
  if (nameserverAddress.length > 0) return nameserverAddress;
  const addresses = listen.map(({ address }) => address).filter(each => each !== '0.0.0.0' && each !== '::');
  return [...new Set(addresses)];
}

/** What replies depend on beside the zone and the query; whoever answers, it has to be the same. */
export type ReplyOptions = Pick<ResponderOptions, 'cookieSecret' | 'nsid' | 'payloadSize' | 'hashSeed'>;

/** @throws CausewayError SECRET_UNREADABLE */
export async function replyOptions(config: DnsConfig): Promise<ReplyOptions> {
  return {
    cookieSecret: await cookieSecret(config.cookieSecretFile),
    nsid: Buffer.from(config.nsid ?? hostname().slice(0, LONGEST_NSID)),
    payloadSize: config.udpPayloadSize,
    hashSeed: randomInt(2 ** 32),
  };
}

/** What answers messages from the zone. */
export function createResponder(
  config: DnsConfig,
  zone: Zone,
  replies: ReplyOptions,
  observe: Observer,
): Responder {
  return new Responder({
    ...{ zone, observe, unixSeconds },
    ...replies,
    random: Math.random,
    now: () => performance.now(),
    compiledAnswers: config.compiledAnswers,
    allowTransfer: config.allowTransfer,
  });
}

/** Everyone who looks at each message: metrics, the log of our own faults, and the query log where it is on. */
export function createObserver(config: DnsConfig, log: Logger, queries: QueryMetrics): Observer {
  const failures = failureLog(log);
  const sampled = config.queryLogSample > 0 ? queryLog(log, config.queryLogSample, Math.random) : undefined;
  return event => {
    queries.observe(event);
    failures(event);
    sampled?.(event);
  };
}

export function createTcp(config: DnsConfig, handler: Handler, log: Logger): TcpServer {
  return new TcpServer({
    handler,
    log,
    limits: {
      ...TCP_TIMES,
      held: MOST_HELD,
      idle: config.tcpIdleTimeout,
      connections: config.tcpMaxConnections,
      connectionsPerClient: config.tcpMaxConnectionsPerClient,
    },
  });
}

export function unixSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
