import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { hostname } from 'node:os';
import { Agent } from '../agent/agent.ts';
import { type CleaningParts, cleanUp, preview } from '../agent/once.ts';
import type { ProbingParts } from '../agent/probes.ts';
import { takeBackOwn } from '../agent/take-back.ts';
import type { RouteSettings } from '../agent/wanted.ts';
import { CausewayError } from '../base/errors.ts';
import { Bird } from '../bgp/bird.ts';
import { readPasswords } from '../bgp/passwords.ts';
import { claimHost, isClaimed } from '../kernel/claim.ts';
import { childCommands } from '../kernel/commands.ts';
import { Kernel } from '../kernel/kernel.ts';
import { monitor } from '../kernel/monitor.ts';
import { loadNetlinkCalls, netlinkBy } from '../kernel/netlink.ts';
import { keyFilesIn, makeNextKey } from '../kernel/private-key.ts';
import { checkPrograms } from '../kernel/programs.ts';
import { checkSysctls, ownSysctls } from '../kernel/sysctls.ts';
import type { Connection } from '../kube/connection.ts';
import { inClusterOrKubeconfig } from '../kube/credentials.ts';
import { HttpsApiClient } from '../kube/https-client.ts';
import { AGENT_FIELD_MANAGER } from '../objects/names.ts';
import { systemClock } from '../ops/clock.ts';
import { runParts, withReport } from '../ops/lifecycle.ts';
import { createLogger } from '../ops/log.ts';
import { Metrics } from '../ops/metrics.ts';
import { NetworkAsker } from '../probe/network-asker.ts';
import { formatAddress } from '../serve/transport.ts';
import { checkModes, marksOf } from './agent-marks.ts';
import { exportAgentMetrics } from './agent-metrics.ts';
import { agentPages } from './agent-pages.ts';
import { agentPorts } from './agent-ports.ts';
import type { AgentConfig } from './agent-settings.ts';
import { APIServerAddresses } from './api-server-addresses.ts';
import { pagesServer, Readiness } from './health-pages.ts';
import { exportPathMetrics } from './path-metrics.ts';
import { checkPorts } from './ports.ts';
import { exportSessionMetrics } from './session-metrics.ts';
import { exportTunnelMetrics } from './tunnel-metrics.ts';

/** Where it says what it has to say when it does not stay. */
export interface AgentTerminal {
  /** What `--dry-run`, `--clean` and `--rotate-key` were asked for. */
  readonly print: (text: string) => void;
  /** One line about what is in the way. */
  readonly complain: (line: string) => void;
}

/**
 * The routing agent from start to exit code.
 *
 * @throws CausewayError for what keeps it from starting
 */
export async function runAgent(config: AgentConfig, terminal: AgentTerminal): Promise<number> {
  const { print, complain } = terminal;
  if (config.rotateKey) return rotateKey(config, terminal);
  const marks = marksOf(config);
  // What an earlier version ran with goes away by the very flags that this one would not run with.
  if (!config.clean) checkPorts(agentPorts(config));
  checkModes(config.modes);
  await checkSysctls(config.sysctls);
  const commands = childCommands();
  await checkPrograms(commands);
  const netlink = netlinkBy(await loadNetlinkCalls());
  const keyFileOf = keyFilesIn(config.stateDir);
  const kernel = new Kernel({ commands, netlink, sysctls: ownSysctls(config.sysctls), marks, keyFileOf });
  const bird = new Bird({ commands, folder: config.bgpFolder, marks });
  // Only who changes nothing may do so beside another.
  const giveUp = config.dryRun ? () => {} : await claimHost();
  if (config.clean) {
    await clean(config, { commands, kernel, marks, bird }, terminal);
    giveUp();
    return 0;
  }
  const connection = await inClusterOrKubeconfig(config.kubeconfig);
  const client = clientFor(connection);
  const addresses = new APIServerAddresses({
    server: connection.server,
    clock: systemClock,
    lookUp: lookUpAll,
  });
  await addresses.ask();
  const settings = settingsOf(config, () => addresses.known);
  const common = { client, commands, kernel, marks, settings, unixSeconds };
  if (config.dryRun) {
    const log = await createLogger({ level: 'silent', format: config.logFormat });
    const parts = { ...common, bird, log, clock: systemClock, waits: complain };
    print(`${(await preview(parts)).join('\n')}\n`);
    return 0;
  }
  const log = await createLogger({ level: config.logLevel, format: config.logFormat });
  const agent = new Agent({
    ...common,
    monitor: changed => monitor(changed, marks),
    clock: systemClock,
    random: Math.random,
    probing: probingOf(config.probePort),
    speaking: { bird, passwords: () => readPasswords(passwordFilesOf(config)) },
    log,
  });
  const metrics = new Metrics();
  exportAgentMetrics(metrics, agent);
  exportSessionMetrics(metrics, agent);
  exportPathMetrics(metrics, agent);
  exportTunnelMetrics(metrics, agent);
  const readiness = new Readiness(() => agent.reasonAgainst);
  const pages = agentPages(metrics, agent, readiness);
  const http = pagesServer(metrics, { listen: config.httpListen, pages });
  return runParts({
    parts: [
      withReport(http, bound => log.info(`listening on ${bound.map(formatAddress).join(', ')}`)),
      withReport(agent, () => log.info('ready')),
    ],
    log,
    signals: process,
    stopping: () => readiness.stopping(),
  });
}

async function rotateKey(
  { dryRun, clean, stateDir }: AgentConfig,
  { print }: AgentTerminal,
): Promise<number> {
  if (dryRun || clean)
    throw new CausewayError('SETTING_INVALID', '--rotate-key: goes with neither --dry-run nor --clean');
  const { publicKey } = await makeNextKey(stateDir);
  // With which folder it runs, whoever has the claim does not say.
  const who = (await isClaimed())
    ? `an agent runs on this host; if it does so with --state-dir ${stateDir}, it changes`
    : `no agent runs on this host; the next that starts here with --state-dir ${stateDir} changes`;
  print(`# ${who} to the key ${publicKey}, which takes a minute or so; /debug/tunnels shows how far it is\n`);
  return 0;
}

/**
 * The kernel first: where it is cleaned there is not always a credential at hand.
 *
 * @throws CausewayError for what is left, of the kernel or of the Node
 */
async function clean(
  config: AgentConfig,
  parts: CleaningParts,
  { print, complain }: AgentTerminal,
): Promise<void> {
  print(`${(await cleanUp(parts, config.dryRun)).join('\n')}\n`);
  const connect = async () => clientFor(await inClusterOrKubeconfig(config.kubeconfig));
  const taking = { nodeName: nodeNameOf(config), connect, clock: systemClock, waits: complain };
  print(`${(await takeBackOwn(taking, config.dryRun)).join('\n')}\n`);
}

function clientFor(connection: Connection): HttpsApiClient {
  return new HttpsApiClient(connection, {}, AGENT_FIELD_MANAGER);
}

function nodeNameOf({ nodeName }: AgentConfig): string {
  return nodeName ?? hostname().toLowerCase();
}

async function lookUpAll(host: string): Promise<string[]> {
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

function settingsOf(config: AgentConfig, apiServers: RouteSettings['apiServers']): RouteSettings {
  return {
    nodeName: nodeNameOf(config),
    modes: config.modes,
    bgp: { as: config.bgpAs, routers: config.bgpPeer.map(({ address, as }) => ({ address, as })) },
    stateFolder: config.stateDir,
    serviceCIDRs: config.serviceCidr.map(({ text }) => text),
    apiServers,
    overrides: {
      underlayDevice: config.underlayDevice,
      underlayMTU: config.underlayMtu,
      underlayAddresses: config.underlayAddress,
      sourceAddresses: config.sourceAddress,
    },
  };
}

function passwordFilesOf({ bgpPeer }: AgentConfig): Map<string, string> {
  return new Map(
    bgpPeer.flatMap(({ address, passwordFile }) =>
      passwordFile === undefined ? [] : [[address, passwordFile]],
    ),
  );
}

function probingOf(port: number): ProbingParts | undefined {
  if (port === 0) return undefined;
  const nonce = (): bigint => randomBytes(8).readBigUInt64BE();
  return { port, nonce, asker: answered => new NetworkAsker(port, answered) };
}

function unixSeconds(): number {
  return Date.now() / 1_000;
}
