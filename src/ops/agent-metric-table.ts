import type { MetricDeclaration } from './metric-declaration.ts';

/** What the routing agent of a node counts. */
export const AGENT_METRICS = {
  agentPeers: {
    name: 'causeway_agent_peers',
    type: 'gauge',
    help: 'Nodes of other clusters by the way to them; each of them by itself is on `/debug/peers`.',
    labels: {
      cluster: 'cluster id',
      mode: 'the way to the first block of its pod addresses: `vxlan`, `wireguard`, `ipip`, `direct`, `bgp`, `none` (not ours to route); `unreachable`',
    },
  },
  agentOperations: {
    name: 'causeway_agent_operations_total',
    type: 'counter',
    help: 'Things put into the kernel or deleted from it.',
    labels: {
      kind: '`link`, `sysctl`, `address`, `ruleset`, `element` (of a set of the firewall), `wireguard` (key and port), `peer` (of WireGuard), `forwarding`, `neighbour`, `route`, `rule`',
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
  agentBGPSessions: {
    name: 'causeway_agent_bgp_sessions',
    type: 'gauge',
    help: 'BGP sessions of the node.',
    labels: {
      kind: '`router` (in front of the nodes), `node` (of another cluster, on the same link)',
      state:
        '`Established`, or what is missing: `Down`, `Idle`, `Connect`, `Active`, `OpenSent`, `OpenConfirm`, `Close`; `Unknown` while BIRD does not answer',
    },
  },
  agentBGPBlocks: {
    name: 'causeway_agent_bgp_learnt_blocks',
    type: 'gauge',
    help: 'Blocks of pod addresses that the sessions have brought; one that came by two of them counts twice.',
    labels: { kind: '`router`, `node`' },
  },
  tunnels: {
    name: 'causeway_agent_tunnels',
    type: 'gauge',
    help: 'WireGuard tunnels to nodes of the cluster; each of them by itself is on `/debug/tunnels`.',
    labels: {
      cluster: 'cluster id',
      state: '`answering`, `silent` (with encryption Preferred, such a node is reached in clear)',
    },
  },
  tunnelOctets: {
    name: 'causeway_agent_tunnel_octets_total',
    type: 'counter',
    help: 'What has passed through WireGuard tunnels, since the device was made.',
    labels: { cluster: 'cluster id', direction: '`received`, `sent`' },
  },
  tunnelHandshakeAge: {
    name: 'causeway_agent_tunnel_handshake_age_seconds',
    type: 'gauge',
    help: 'Since the oldest session of WireGuard tunnels was agreed on; where packets pass, not more than 180.',
    labels: { cluster: 'cluster id' },
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
