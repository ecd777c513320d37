import { onTestFinished } from 'vitest';
import { answerMessage } from '../../src/answer/ready-answer.ts';
import { VersionBoard } from '../../src/answer/version-board.ts';
import { Metrics } from '../../src/ops/metrics.ts';
import type { FastCounts } from '../../src/serve/fast-counts.ts';
import { QueryMetrics } from '../../src/serve/query-metrics.ts';
import { responderOf } from './dns.ts';
import { SETTINGS } from './oracle.ts';
import { makeBatched } from './udp-transports.ts';
import { clusterOf, put, serviceOf, zoneOf } from './zone.ts';

/** The name that it serves. */
export const NAME = 'payments.shop.svc.clusterset.local';

const { payloadSize } = SETTINGS;

/** As the daemon wires it, until the test is over: a zone, its responder, and threads that learn from it. */
export async function learningUdp(threads: number, cpus: readonly number[] = []) {
  const zone = zoneOf([serviceOf('shop', 'payments', [clusterOf('east', ['10.10.0.10'])])]);
  const board = new VersionBoard(VersionBoard.words());
  const metrics = new Metrics();
  const queries = new QueryMetrics(metrics);
  const responder = responderOf(zone, { ...SETTINGS, observe: queries.observe });
  const counts: FastCounts[] = [];
  const udp = await makeBatched({
    ...{ listen: { address: '127.0.0.1', port: 0 }, threads, cpus },
    handler: (message, client) => responder.respond(message, client),
    compiled: message => {
      const kept = responder.keptFor(message);
      return kept && answerMessage(kept, { board, payloadSize, clusterSlot: queries.clusterSlot });
    },
    board: board.words,
    include: own => {
      counts.push(own);
      queries.include(own);
    },
  });
  onTestFinished(() => udp.stop());
  const [bound] = await udp.start();
  const lines = async (metric: string) =>
    (await metrics.scrape()).body.split('\n').filter(line => line.startsWith(metric));
  return {
    ...{ udp, port: bound?.port ?? 0, lines },
    /** Of each thread. */
    counts,
    change: (address: string) =>
      board.apply(put(zone, [serviceOf('shop', 'payments', [clusterOf('east', [address])])]), zone.serial),
  };
}
