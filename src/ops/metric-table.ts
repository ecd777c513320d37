/** What one metric is. The table below is also where docs/metrics.md comes from. */
export interface MetricDeclaration {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One line, as Prometheus shows it. */
  readonly help: string;
  /** Label name → what its values can be. Every list is closed or capped: no client chooses a label value. */
  readonly labels: Readonly<Record<string, string>>;
}

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
    help: 'Time from reading a message to its finished reply, sockets not counted.',
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
        '`send` (the system refused to send the reply), `overload` (the slow path had too many queries waiting)',
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
    help: 'Sockets that UDP queries are answered on, by the transport that runs.',
    labels: { transport: '`batched` (a thread each), `dgram`' },
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
  tcpClosed: {
    name: 'causeway_dns_tcp_closed_total',
    type: 'counter',
    help: 'Closed TCP connections by reason.',
    labels: {
      reason:
        '`peer` (closed by the client), `idle`, `slow` (a message took too long), `unread` (replies were not read), ' +
        '`length` (under 12 octets), `evicted` (made room for a newer one), `error`, `stop`',
    },
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
    help: '1 while what is served may be out of date: from a snapshot, or the API server does not answer.',
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
  controllerLeading: {
    name: 'causeway_controller_leading',
    type: 'gauge',
    help: '1 while this process is the one that writes.',
    labels: {},
  },
  controllerQueue: {
    name: 'causeway_controller_queue',
    type: 'gauge',
    help: 'Services that may be out of line.',
    labels: {
      state: '`ready`, `running`, `delayed` (wait for a time), `failing` (failed since they last succeeded)',
    },
  },
  controllerWrites: {
    name: 'causeway_controller_writes_total',
    type: 'counter',
    help: 'Objects and statuses that were written or deleted.',
    labels: { result: '`ok`, `failed`' },
  },
  remoteServing: {
    name: 'causeway_remote_serving',
    type: 'gauge',
    help: '0 while the cluster is held for lost.',
    labels: { remote: 'name of the RemoteCluster' },
  },
  remoteSynced: {
    name: 'causeway_remote_synced',
    type: 'gauge',
    help: '1 once all that the cluster publishes has been read since connecting.',
    labels: { remote: 'name of the RemoteCluster' },
  },
  remoteServices: {
    name: 'causeway_remote_services',
    type: 'gauge',
    help: 'Services imported from the cluster.',
    labels: { remote: 'name of the RemoteCluster' },
  },
  credentialExpiry: {
    name: 'causeway_controller_credential_expiry_seconds',
    type: 'gauge',
    help: 'Time until the credential ends that a cluster is read with; below zero: since. None where it does not say.',
    labels: { remote: 'name of the RemoteCluster' },
  },
  remoteWriteLag: {
    name: 'causeway_remote_write_lag_seconds',
    type: 'gauge',
    help: 'From hearing of a change in the cluster to having written what follows from it; of the last change.',
    labels: { remote: 'name of the RemoteCluster' },
  },
  meshEndpoints: {
    name: 'causeway_mesh_endpoints',
    type: 'gauge',
    help: 'Endpoints of all exported services, ready or not.',
    labels: {},
  },
  agentPeers: {
    name: 'causeway_agent_peers',
    type: 'gauge',
    help: 'Nodes of other clusters by the way to them; each of them by itself is on `/debug/peers`.',
    labels: {
      cluster: 'cluster id',
      mode: 'the way to the first block of its pod addresses: `vxlan`, `direct`, `none` (not ours to route); `unreachable`',
    },
  },
  agentOperations: {
    name: 'causeway_agent_operations_total',
    type: 'counter',
    help: 'Things put into the kernel or deleted from it.',
    labels: {
      kind: '`link`, `sysctl`, `address`, `ruleset`, `element` (of a set of the firewall), `forwarding`, `neighbour`, `route`, `rule`',
    },
  },
  agentRepairs: {
    name: 'causeway_agent_repairs_total',
    type: 'counter',
    help: 'Of these, those that put right what somebody else had changed.',
    labels: {},
  },
  agentRefused: {
    name: 'causeway_agent_refused_total',
    type: 'counter',
    help: 'Of these, those that the kernel refused; they are tried again.',
    labels: {},
  },
  agentPasses: {
    name: 'causeway_agent_passes_total',
    type: 'counter',
    help: 'Looks at the kernel, with the changes that follow from them.',
    labels: { result: '`ok`, `failed` (something could not be read, or was refused)' },
  },
  agentPassDuration: {
    name: 'causeway_agent_pass_duration_seconds',
    type: 'histogram',
    help: 'Time that one takes, changes included.',
    labels: {},
  },
  agentLastSync: {
    name: 'causeway_agent_last_full_sync_timestamp_seconds',
    type: 'gauge',
    help: 'When the kernel was last as it shall be; looked at every half minute at least. 0: never.',
    labels: {},
  },
  agentFaults: {
    name: 'causeway_agent_faults',
    type: 'gauge',
    help: 'What other clusters say of their nodes and is left out; the log and `/debug/peers` say what it is.',
    labels: {
      reason:
        '`Invalid`, `TooMany`, `Guarded` (addresses of this cluster), `Conflict` (of another node), `NoWay` (no mode can)',
    },
  },
  agentHeld: {
    name: 'causeway_agent_held_entries',
    type: 'gauge',
    help: 'What is in the kernel for nodes that are gone, and stays for now.',
    labels: {
      cluster: 'cluster id; `-` where nobody knows',
      why: '`Unsynced` (not every cluster is known in full), `Brake` (so many at once look like a mistake)',
    },
  },
  pathUp: {
    name: 'causeway_agent_path_up',
    type: 'gauge',
    help: 'Whether packets get through to the cluster: 1 or 0. None while it is not known.',
    labels: { cluster: 'cluster id', family: '`IPv4`, `IPv6`' },
  },
  pathProbes: {
    name: 'causeway_agent_path_probes_total',
    type: 'counter',
    help: 'Questions to nodes of the cluster. Three of them are asked, each by itself is on `/debug/probes`.',
    labels: {
      cluster: 'cluster id',
      family: '`IPv4`, `IPv6`',
      probe: '`small`, `large` (UDP, as large as the route takes), `stream` (TCP)',
      result: '`answered`, `refused` (nobody listens; the path is good), `lost`',
    },
  },
  pathSilentNodes: {
    name: 'causeway_agent_path_silent_nodes',
    type: 'gauge',
    help: 'Nodes of the cluster that are asked and do not answer.',
    labels: { cluster: 'cluster id', family: '`IPv4`, `IPv6`' },
  },
  pathRoundTrip: {
    name: 'causeway_agent_path_round_trip_seconds',
    type: 'gauge',
    help: 'Time from a small question to its answer, smoothed.',
    labels: { cluster: 'cluster id', family: '`IPv4`, `IPv6`' },
  },
} as const satisfies Record<string, MetricDeclaration>;
