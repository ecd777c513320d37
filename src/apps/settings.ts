import { BACKENDS } from '../objects/traffic.ts';
import { LOG_FORMATS, LOG_LEVELS } from '../ops/levels.ts';
import * as read from './readers.ts';
import { type Config, optional, repeated, required } from './setting.ts';

/** Where clusters are. */
export const PRIVATE_NETWORKS: readonly string[] = [
  ...['10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16'],
  ...['::1/128', 'fc00::/7', 'fe80::/10'],
];

/** Every setting of `causeway dns`. `--help` and docs/commands/dns.md are printed from here. */
export const dnsSettings = {
  source: required(
    read.source,
    'where records come from; directory:PATH reads one folder of Kubernetes YAML per cluster, named by its id; kubernetes reads the ServiceImports of its own API server',
    'directory:mesh',
  ),
  kubeconfig: optional(
    read.path,
    'how to reach the API server, with --source kubernetes',
    '$KUBECONFIG, else the service account of the pod',
  ),
  stateDir: optional(
    read.path,
    'directory of its own for a snapshot of what the API server holds, with --source kubernetes; served when the API server is away at the start',
    'none: without the API server there is nothing to serve',
  ),
  clusterId: optional(
    read.clusterId,
    'the cluster that the clients are in: local for affinity, and its namespaces decide which names exist',
    'with --source kubernetes the ClusterProperty cluster.clusterset.k8s.io; else none: no cluster is local',
  ),
  zone: required(read.zoneName, 'the zone to serve', 'clusterset.local'),
  listen: repeated(
    read.listenAddress,
    'where to answer over UDP and TCP; port 0 lets the system choose. Where dgram serves (--udp-transport), name the addresses of a host that has several: a reply to 0.0.0.0 may else leave from another one',
    ['127.0.0.1:1053'],
  ),
  httpListen: required(
    read.listenAddress,
    'where to serve /metrics, /healthz, /readyz, /debug/* and /dns-query',
    '127.0.0.1:9353',
  ),
  ttl: required(
    read.integer('seconds', 0, 3600, 'seconds'),
    'time to live of answers where the service sets none',
    '5',
    'seconds',
  ),
  backends: required(
    read.choice(BACKENDS),
    "which of a cluster's addresses stand for it where neither the service nor the cluster set says",
    'service',
  ),
  clusterNames: required(read.truth, 'also serve <cluster>.<service>.<namespace>.svc', 'false'),
  nameserverAddress: repeated(
    read.address,
    'address of ns.dns.<zone>',
    [],
    'the addresses listened on, wildcards left out',
  ),
  nsid: optional(read.text('text', 64), 'what tells this server from others (RFC 5001)', 'the host name'),
  cookieSecretFile: optional(
    read.path,
    'file with the secret of DNS cookies, 16 octets or 32 hexadecimal digits; replicas share it (RFC 9018)',
    'none: a random secret per process',
  ),
  allowTransfer: repeated(read.cidr, 'who may transfer the zone (AXFR over TCP)', [], 'nobody'),
  compiledAnswers: required(
    read.integer('entries', 2, 10_000_000, 'entries'),
    'most answers kept ready to send, in the main thread and in each that answers UDP; a quarter is for those that say that there is nothing',
    '65536',
    'entries',
  ),
  udpPayloadSize: required(
    read.integer('octets', 512, 4096, 'octets'),
    'largest UDP message sent and announced (RFC 6891)',
    '1232',
    'octets',
  ),
  udpTransport: required(
    read.choice(['auto', 'batched', 'dgram']),
    'how datagrams are read and written: batched takes many in one system call, in threads of its own, and needs Linux; auto takes it where it can be had and goes over to dgram where its threads fail',
    'auto',
  ),
  udpThreads: required(
    read.integer('threads', 1, 64, 'threads'),
    'threads of the batched transport for each address listened on',
    '1',
  ),
  udpSpread: required(
    read.choice(['hash', 'cpu']),
    'which of several threads a datagram goes to: hash spreads clients over all by their address and port; cpu binds each thread to a CPU and gives it what arrives there, which wakes up no other CPU. For network cards with a queue for each of these CPUs: with fewer, threads have nothing to do',
    'hash',
  ),
  responseRate: required(
    read.integer('responses', 0, 1_000_000, 'responses a second'),
    'most UDP responses a second to one network (/24 or /56) from each thread; of queries over it every second one is told to come back over TCP, and who shows a DNS cookie is answered; 0: no limit. For servers that others than the cluster can reach',
    '0',
    'responses',
  ),
  responseRateExempt: repeated(
    read.cidr,
    'networks without that limit: those of pods, Services and nodes of the clusters. To be given where these are public addresses; what is given takes the place of the default',
    [],
    `private and link-local ones: ${PRIVATE_NETWORKS.join(', ')}`,
  ),
  tcpIdleTimeout: required(
    read.duration('1s', '60m'),
    'how long a silent TCP connection stays open; keep it above the 10s that CoreDNS pools its own',
    '30s',
  ),
  tcpMaxConnections: required(
    read.integer('connections', 1, 100_000, 'connections'),
    'most TCP connections in all; one more closes the one that was silent longest. There are fewer where the process may not open as many files',
    '2048',
    'connections',
  ),
  tcpMaxConnectionsPerClient: required(
    read.integer('connections', 1, 100_000, 'connections'),
    'most TCP connections from one address; one more closes the one that was silent longest',
    '1024',
    'connections',
  ),
  logLevel: required(read.choice(LOG_LEVELS), 'least severe messages logged', 'info'),
  logFormat: required(
    read.choice(LOG_FORMATS),
    'json, or pretty for people; auto is pretty on a terminal',
    'auto',
  ),
  queryLogSample: required(read.fraction, 'share of queries logged; 1 logs all', '0'),
} as const;

export type DnsConfig = Config<typeof dnsSettings>;
