import { AGENT_METRICS } from './agent-metric-table.ts';
import { CONTROLLER_METRICS } from './controller-metric-table.ts';
import type { MetricDeclaration } from './metric-declaration.ts';

/**
 * All metrics of Causeway. Names start with `causeway_`; counters end in `_total`, the rest in what they count or in
 * their unit (Prometheus naming rules; a test holds them).
 */
export const METRICS = {
  queries: {
    name: 'causeway_dns_queries_total',
    type: 'counter',
    help: 'Messages that got a reply.',
    labels: {
      transport: '`udp`, `tcp`, `http` (/dns-query)',
      type: 'the well-known query types by name; `other` for the rest and for questions that cannot be read',
      rcode: 'response code by name',
    },
  },
  queryDuration: {
    name: 'causeway_dns_query_duration_seconds',
    type: 'histogram',
    help:
      'Time from reading a message to its finished reply, sockets not counted; in batches the mean of the batch, ' +
      'and what a thread hands over counts from when the main thread takes it up.',
    labels: {},
  },
  answers: {
    name: 'causeway_dns_answers_total',
    type: 'counter',
    help: 'Answers by the cluster whose addresses were given.',
    labels: {
      cluster: 'cluster id; `several` for merged answers; `other` beyond the first 256 ids seen',
    },
  },
  compiledAnswers: {
    name: 'causeway_dns_compiled_answers_total',
    type: 'counter',
    help: 'Replies by whether they came from bytes compiled ahead.',
    labels: { result: '`hit`, `miss`' },
  },
  dropped: {
    name: 'causeway_dns_dropped_total',
    type: 'counter',
    help: 'Messages that got no reply, or only SERVFAIL for a fault of ours.',
    labels: {
      reason:
        '`short` (under 12 octets), `response` (QR was set), `internal` (SERVFAIL for a fault of ours), ' +
        '`send` (the system refused to send the reply), `receive` (it refused to receive), `overload` (the slow path had too many queries waiting), ' +
        '`limited` (over `--response-rate`; every second of these got a truncated reply), ' +
        '`thread` (it waited for an answer in a thread that ended)',
    },
  },
  malformed: {
    name: 'causeway_dns_malformed_total',
    type: 'counter',
    help: 'Messages that could not be read as a DNS query.',
    labels: {},
  },
  udpSockets: {
    name: 'causeway_dns_udp_sockets',
    type: 'gauge',
    help: 'Sockets that UDP queries are answered on now, by the transport that runs.',
    labels: { transport: '`batched` (a thread each), `dgram`' },
  },
  udpThreadRestarts: {
    name: 'causeway_dns_udp_thread_restarts_total',
    type: 'counter',
    help: 'Times that a thread which answers UDP had failed and was started again. Only with the batched transport.',
    labels: {},
  },
  udpLost: {
    name: 'causeway_dns_udp_lost_total',
    type: 'counter',
    help: "Datagrams that found no room in the socket's buffer, as the kernel told with the next one. Only with the batched transport.",
    labels: {},
  },
  tcpConnections: {
    name: 'causeway_dns_tcp_connections',
    type: 'gauge',
    help: 'Open TCP connections.',
    labels: {},
  },
  tcpHeld: {
    name: 'causeway_dns_tcp_held_bytes',
    type: 'gauge',
    help: 'What waits in all TCP connections, to be answered or to be taken by clients; at most 32 MiB.',
    labels: {},
  },
  tcpClosed: {
    name: 'causeway_dns_tcp_closed_total',
    type: 'counter',
    help: 'Closed TCP connections by reason.',
    labels: {
      reason:
        '`peer` (closed by the client), `idle`, `slow` (a message took too long), `unread` (replies were not read), ' +
        '`length` (under 12 octets), `evicted` (made room for a newer one), ' +
        '`memory` (its client held the most when all together held too much), `error`, `stop`',
    },
  },
  httpEvicted: {
    name: 'causeway_http_evicted_total',
    type: 'counter',
    help: 'Connections to the pages that were closed to make room for others: too many, or too much asked for and not taken.',
    labels: {},
  },
  indexServices: {
    name: 'causeway_dns_index_services',
    type: 'gauge',
    help: 'Services of the cluster set that have names.',
    labels: {},
  },
  indexNamespaces: {
    name: 'causeway_dns_index_namespaces',
    type: 'gauge',
    help: 'Namespaces that have names.',
    labels: {},
  },
  sourceReloads: {
    name: 'causeway_source_reloads_total',
    type: 'counter',
    help: 'Times the record source was read again.',
    labels: { result: '`ok`, `failed` (at least one file is broken and keeps its last good state)' },
  },
  sourceBrokenFiles: {
    name: 'causeway_source_broken_files',
    type: 'gauge',
    help: 'Files that cannot be read now; their last good state is served.',
    labels: {},
  },
  sourceProblems: {
    name: 'causeway_source_problems',
    type: 'gauge',
    help: 'Errors and warnings found in the objects that are loaded now.',
    labels: {},
  },
  sourceStale: {
    name: 'causeway_source_stale',
    type: 'gauge',
    help: '1 while what is served may be out of date: from a snapshot, or the API server does not answer, or a folder of the source cannot be read.',
    labels: {},
  },
  sourceSnapshots: {
    name: 'causeway_source_snapshots_total',
    type: 'counter',
    help: 'Times the snapshot in `--state-dir` was written.',
    labels: { result: '`ok`, `failed` (the one before stays)' },
  },
  meshConflicts: {
    name: 'causeway_mesh_conflicts',
    type: 'gauge',
    help: 'Fields on which the exports of a service disagree now (`--source directory`; else conditions of ServiceExports).',
    labels: {},
  },
  ...CONTROLLER_METRICS,
  meshEndpoints: {
    name: 'causeway_mesh_endpoints',
    type: 'gauge',
    help: 'Endpoints of all exported services, ready or not.',
    labels: {},
  },
  ...AGENT_METRICS,
} as const satisfies Record<string, MetricDeclaration>;
