import { LOG_FORMATS, LOG_LEVELS } from '../ops/levels.ts';
import { ENCAPSULATIONS } from '../routes/encapsulation/index.ts';
import { MARKS } from '../routes/model.ts';
import { asNumber, bgpPeers } from './bgp-peers.ts';
import * as read from './readers.ts';
import { type Config, optional, repeated, required } from './setting.ts';

/** Encryption is a cluster's own wish, whatever its mode. */
const MODES = ENCAPSULATIONS.map(({ mode }) => mode).filter(mode => mode !== 'wireguard');

/** Every setting of `causeway agent`. `--help` and docs/commands/agent.md are printed from here. */
export const agentSettings = {
  kubeconfig: optional(
    read.path,
    "how to reach this cluster's API server",
    '$KUBECONFIG if set, else the service account of the pod',
  ),
  nodeName: optional(
    read.nodeName,
    'the Node that this host is; a DaemonSet sets CAUSEWAY_NODE_NAME from spec.nodeName',
    'the host name',
  ),
  modes: repeated(
    read.choice(MODES),
    'ways to the nodes of other clusters, the most wanted first: the first that can carry a block of pod addresses does. direct is plain routes between nodes on one link, which only a link takes that lets through addresses it did not hand out: the networks of most clouds drop them without a word. Clusters whose RemoteCluster has routingModes go by these',
    ['vxlan'],
  ),
  underlayDevice: optional(
    read.deviceName,
    'the device that leads to the nodes of other clusters',
    'the one that has the InternalIP of the Node',
  ),
  underlayAddress: repeated(
    read.address,
    'where the nodes of other clusters reach this one; one of each family',
    [],
    'the InternalIPs of the Node',
  ),
  underlayMtu: optional(
    read.numbered('octets', 1_280, 65_535, 'a number of octets'),
    'the largest packet that gets to the nodes of other clusters, where that is less than the device takes: many networks take jumbo frames between their own hosts and 1500 octets to elsewhere',
    'the MTU of the device',
  ),
  sourceAddress: repeated(
    read.address,
    'what this host itself sends from to pods of other clusters; inside the pod CIDR of the Node, one of each family',
    [],
    'the lowest address that the host has in there, else the first of the pod CIDR',
  ),
  serviceCidr: repeated(
    read.block,
    'a block that cluster IPs come from, which no other cluster may have; needed where the API server tells no ServiceCIDRs (before Kubernetes 1.33)',
    [],
    'those of the ServiceCIDRs',
  ),
  vxlanDevice: required(read.ownDeviceName, 'what the VXLAN device is called', MARKS.vxlan.device),
  vxlanPort: required(
    read.numbered('port', 1, 65_535, 'a UDP port'),
    'the UDP port of VXLAN; the same in all clusters, and of nobody else on the node',
    `${MARKS.vxlan.port}`,
  ),
  vxlanVni: required(
    read.numbered('vni', 1, 16_777_215, 'a VXLAN network'),
    'the VXLAN network identifier; the same in all clusters',
    `${MARKS.vxlan.vni}`,
  ),
  wireguardDevice: required(
    read.ownDeviceName,
    'what the WireGuard device is called; there is one while a RemoteCluster has encryption',
    MARKS.wireguard.device,
  ),
  wireguardPort: required(
    read.integer('port', 1, 65_534, 'a UDP port'),
    'the UDP port of WireGuard, and the one after it is used while a key changes; the same in all clusters, and both of nobody else on the node',
    `${MARKS.wireguard.port}`,
  ),
  stateDir: required(
    read.path,
    "where the node's private key of WireGuard is kept, wireguard.key, which has to outlive restarts and reboots; made if it is not there, but not its parents",
    '/var/lib/causeway',
  ),
  routeTable: required(
    read.numbered('table', 256, 999_999_999, 'a routing table'),
    'the routing table that is all ours: whatever else is in it is removed',
    `${MARKS.table}`,
  ),
  rulePreference: required(
    read.numbered('preference', 1, 32_764, 'a preference'),
    'the preference of the rule that leads to that table, with that of BGP right behind; before it come the rules that are to be asked first',
    `${MARKS.preference}`,
  ),
  bgpPeer: bgpPeers,
  bgpAs: required(
    asNumber,
    'the number of the autonomous system that the node is in, for routers; nodes speak to each other by one of their own',
    '64512',
  ),
  bgpPort: required(
    read.numbered('port', 1, 65_535, 'a TCP port'),
    'the TCP port on which BGP is spoken between nodes; the same in all clusters, and of nobody else on the node. Routers are asked on 179',
    `${MARKS.bgp.port}`,
  ),
  bgpTable: required(
    read.numbered('table', 256, 999_999_999, 'a routing table'),
    'the routing table for what is learnt by BGP, and for nothing else',
    `${MARKS.bgp.table}`,
  ),
  bgpFolder: required(
    read.path,
    'where the BGP daemon (BIRD 2) has its configuration and its control socket; outlives the agent, or its successor starts another daemon',
    '/run/causeway/bird',
  ),
  sysctls: required(
    read.path,
    "where the kernel's settings of the network are; a container that is not privileged may not write those in /proc/sys and has the same ones of the host mounted elsewhere",
    '/proc/sys/net',
  ),
  dryRun: required(
    read.truth,
    'print what would be done to the kernel, in words of ip, bridge, nft and wg, do nothing of it, and end',
    'false',
  ),
  clean: required(
    read.truth,
    'remove everything of ours from the kernel, take from the Node what an agent published there, print what it was, and end; no agent may run on the host meanwhile. Where the API server is not to be reached the kernel is cleaned all the same, a line says what stays on the Node, and the exit code is not 0',
    'false',
  ),
  probePort: required(
    read.integer('port', 0, 65_535, 'a port, or 0 not to probe'),
    'the UDP and TCP port at which nodes of all clusters ask each other whether packets get through, at their addresses in the pod network; the same in all clusters, and open to them in the firewall of the host. Where nothing gets through, DNS answers turn to other clusters. 0: neither ask nor answer',
    '7795',
  ),
  rotateKey: required(
    read.truth,
    'make a new private key of WireGuard and end. The agent that runs on the host with this --state-dir, or else the next that starts so, goes over to it, which takes a minute or so and loses no packet; docs/routing.md says what it needs for that',
    'false',
  ),
  httpListen: required(
    read.listenAddress,
    'where to serve /metrics, /healthz, /readyz and /debug/*',
    '127.0.0.1:9355',
  ),
  logLevel: required(read.choice(LOG_LEVELS), 'least severe messages logged', 'info'),
  logFormat: required(
    read.choice(LOG_FORMATS),
    'json, or pretty for people; auto is pretty on a terminal',
    'auto',
  ),
} as const;

export type AgentConfig = Config<typeof agentSettings>;
