import * as v from 'valibot';
import { Finding, VERDICTS } from './finding.ts';

const Replica = v.strictObject({
  pod: v.string(),
  node: v.optional(v.string()),
  /** Kubernetes holds it for ready, and it said so itself just now. */
  ready: v.boolean(),
  /** Why it is not known whether it is, although Kubernetes holds it for ready. */
  unknown: v.optional(v.string()),
  /** RFC 3339: since when Kubernetes holds it for ready, or not. */
  since: v.optional(v.string()),
  restarts: v.number(),
  image: v.string(),
  /** What it says that it is. */
  version: v.optional(v.string()),
});

const Component = v.strictObject({
  component: v.string(),
  /** Absent: there is no such Deployment, or it could not be read. */
  wanted: v.optional(v.number()),
  ready: v.number(),
  replicas: v.array(Replica),
});

const Queue = v.strictObject({
  ready: v.number(),
  running: v.number(),
  delayed: v.number(),
  failing: v.number(),
});

/** `asked`: the leader, just now. `lease`: it could not be asked, but has renewed its Lease. */
const Controller = v.variant('basis', [
  v.strictObject({ basis: v.literal('asked'), leader: v.string(), queue: v.optional(Queue) }),
  v.strictObject({ basis: v.literal('lease'), leader: v.string(), renewed: v.string() }),
  v.strictObject({ basis: v.literal('none'), reason: v.string() }),
]);

const Dns = v.strictObject({
  pod: v.string(),
  /** Why it is not known what it serves. */
  unknown: v.optional(v.string()),
  synced: v.optional(v.boolean()),
  /** Whether what it serves may be out of date, and since when (RFC 3339). */
  stale: v.optional(v.boolean()),
  since: v.optional(v.string()),
  serial: v.optional(v.number()),
  services: v.optional(v.number()),
  endpoints: v.optional(v.number()),
});

const CoreDns = v.strictObject({
  /** The zone that it shall forward. */
  zone: v.string(),
  replicas: v.array(
    v.strictObject({
      pod: v.string(),
      /** In the Corefile that it runs with, whatever the ConfigMap says by now. */
      stanza: v.picklist(['present', 'absent', 'unknown']),
      reason: v.optional(v.string()),
    }),
  ),
});

const Condition = v.strictObject({
  status: v.picklist(['True', 'False', 'Unknown']),
  /** `unknown` where nobody vouches for the status now. */
  verdict: v.picklist(VERDICTS),
  reason: v.string(),
  message: v.string(),
  /** RFC 3339. Absent: it has changed just now. */
  since: v.optional(v.string()),
});

const Remote = v.strictObject({
  /** Of the RemoteCluster. */
  name: v.string(),
  clusterId: v.optional(v.string()),
  controlPlane: Condition,
  synced: Condition,
  serving: Condition,
  /** Whether the routing agents make its pods reachable. */
  routing: v.picklist(['Enabled', 'Disabled']),
  encryption: v.picklist(['Required', 'Preferred', 'Off']),
  /** Whether its nodes are read; these two are absent where nobody routes to it, or nobody says. */
  nodesSynced: v.optional(Condition),
  /** Whether packets get to its pods. */
  dataPath: v.optional(Condition),
  /** Imported from it. */
  services: v.number(),
  endpoints: v.optional(v.number()),
  nodes: v.optional(v.number()),
  /** How the nodes of this cluster reach its nodes, as their routing agents last said. Absent: none says anything. */
  routes: v.optional(
    v.strictObject({
      /** Nodes of this cluster that say something. */
      nodes: v.number(),
      /** Of each of them to each node there, how many by which way. */
      modes: v.record(v.string(), v.number()),
      /** That encrypt, whether used or not. */
      tunnels: v.strictObject({ answering: v.number(), silent: v.number() }),
      /** From which its blocks are learnt by BGP, and one that is not established. */
      sessions: v.exactOptional(
        v.strictObject({
          established: v.number(),
          others: v.number(),
          example: v.exactOptional(
            v.strictObject({ node: v.string(), neighbor: v.string(), state: v.string() }),
          ),
        }),
      ),
      /** Nodes of this cluster that do not reach all of its nodes and pods. */
      short: v.number(),
      /** One of these. */
      example: v.exactOptional(v.strictObject({ node: v.string(), why: v.string() })),
    }),
  ),
  /** Milliseconds from hearing of a change to having written what follows from it. */
  lag: v.optional(
    v.strictObject({
      /** Of the last change. */
      last: v.optional(v.number()),
      /** Services with changes that are not written yet. */
      waiting: v.number(),
      /** Of the one that waits longest. */
      longest: v.optional(v.number()),
    }),
  ),
  /** RFC 3339. Absent: the credential does not say since when it holds, or the leader could not be asked. */
  credentialBegins: v.optional(v.string()),
  /** RFC 3339. Absent: the credential does not say, or the leader could not be asked. */
  credentialEnds: v.optional(v.string()),
});

/** What `causeway status` prints. */
export const Status = v.strictObject({
  cluster: v.strictObject({
    /** As the kubeconfig calls it. */
    context: v.string(),
    server: v.string(),
    /** Version of the API server. */
    kubernetes: v.string(),
    id: v.optional(v.string()),
    clusterSet: v.optional(v.string()),
    /** RFC 3339: when it was looked at, by the API server's clock. */
    time: v.optional(v.string()),
  }),
  components: v.array(Component),
  controller: Controller,
  dns: v.array(Dns),
  coreDns: CoreDns,
  remotes: v.array(Remote),
  /** Absent: the leading controller could not be asked. */
  exports: v.optional(
    v.strictObject({
      conflicts: v.number(),
      invalid: v.number(),
      /** Valid, and not published as they ask. Absent: an older controller does not tell. */
      unready: v.exactOptional(v.number()),
      /** Something in them cannot be read. Absent: an older controller does not tell. */
      partlyIgnored: v.exactOptional(v.number()),
    }),
  ),
  /** Whether pods of other clusters are reached. */
  dataPath: v.strictObject({ state: v.picklist(['good', 'bad', 'unknown']), reason: v.string() }),
  /** Everything that was checked; `good` only where it was looked at just now. */
  findings: v.array(Finding),
});

export type Status = v.InferOutput<typeof Status>;
export type StatusReplica = v.InferOutput<typeof Replica>;
export type StatusDns = v.InferOutput<typeof Dns>;
export type StatusCoreDns = v.InferOutput<typeof CoreDns>;
export type StatusRemote = v.InferOutput<typeof Remote>;
export type StatusCondition = v.InferOutput<typeof Condition>;
