import * as read from '../apps/readers.ts';
import {
  type Config,
  mandatory,
  optional,
  readOperands,
  readSettings,
  required,
  short,
} from '../apps/setting.ts';
import { CausewayError } from '../base/errors.ts';
import type { LookupFacts } from '../lookup/facts.ts';
import { faultOf, fullName } from '../lookup/full-name.ts';
import { QUESTION_TYPES, type Question } from '../lookup/question.ts';
import type { LookupTargets } from '../operate/lookup/targets.ts';
import { render } from '../terminal/render.ts';
import { nothingBad } from '../views/finding.ts';
import { Resolve, resolveTable } from '../views/resolve.ts';
import { changeLine, type WatchedChange } from '../views/watched.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat } from './operator-settings.ts';
import type { Terminal } from './terminal.ts';

const operands = {
  name: mandatory(
    read.text('name', 253),
    'the name to ask for; payments.shop is service payments of namespace shop',
  ),
};

const settings = {
  type: required(read.choice(QUESTION_TYPES), 'the type of records to ask for', 'A'),
  server: optional(
    read.dnsServer,
    'ask this DNS server straight from here',
    'every DNS replica, through the API server',
  ),
  viaCoredns: required(read.truth, "ask the cluster's CoreDNS, straight from here, as pods do", 'false'),
  count: short(
    'n',
    required(
      read.integer('count', 1, 1_000_000, 'questions'),
      'ask so often, and compare with the shares configured',
      '1',
    ),
  ),
  watch: required(read.truth, 'ask twice a second until Ctrl-C, and say what changes', 'false'),
  tcp: required(read.truth, 'ask over TCP, with --server or --via-coredns', 'false'),
  zone: required(read.zoneName, 'the zone of the cluster set, for short names', 'clusterset.local'),
  pagesPort: optional(
    read.integer('port', 1, 65_535, 'a port'),
    'where a DNS daemon at --server has its pages, which say why; who gives it is told where they do not',
    '9353, if the server has any',
  ),
  namespace: required(read.namespace, 'the namespace that Causeway runs in', 'causeway-system'),
  ...clusterSettings,
  output: outputFormat,
};

export const resolve: CliCommand = {
  name: 'resolve',
  summary: 'ask for a name for real, and say why the answer is what it is',
  operands,
  settings,
  examples: [
    { to: 'ask every DNS replica', line: 'causeway resolve payments.shop --context east' },
    { to: 'see whether 80/20 is 80/20', line: 'causeway resolve payments.shop -n 1000' },
    { to: 'see a failover', line: 'causeway resolve payments.shop --watch' },
    { to: 'ask as pods do, on a node', line: 'causeway resolve payments.shop --via-coredns' },
  ],
  output: Resolve,
  run: async (given, terminal) => {
    const { name } = readOperands(operands, given);
    const config = readSettings(settings, given);
    const question = questionOf(name, config);
    const signal = terminal.interrupted();
    const [{ lookUp }, { reportOf }] = await Promise.all([
      import('../operate/lookup/look-up.ts'),
      import('../lookup/report.ts'),
    ]);
    const targets = await targetsOf(config, signal);
    const first = await lookUp(targets, question, signal);
    const report = config.watch
      ? await watched(targets, first, config, terminal)
      : reportOf(await drawn(targets, first, config, terminal));
    terminal.print(await render(config.output, report, resolveTable, terminal));
    return nothingBad(report.findings) ? EXIT.fine : EXIT.unhealthy;
  },
};

type Settings = Config<typeof settings>;

/** @throws CausewayError SETTING_INVALID where what was given does not go together */
function questionOf(name: string, { zone, type, server, viaCoredns, watch, count }: Settings): Question {
  const full = fullName(name, zone);
  const must =
    full === undefined
      ? 'be a service and its namespace, as payments.shop, or a whole name'
      : faultOf(full, zone);
  const wrong =
    must !== undefined
      ? `<name>: found ${JSON.stringify(name)}, must ${must}`
      : server !== undefined && viaCoredns
        ? '--server and --via-coredns: only one of them can be asked'
        : watch && count > 1
          ? '--watch and --count: only one of them at a time'
          : undefined;
  if (full === undefined || wrong !== undefined) throw new CausewayError('SETTING_INVALID', wrong ?? '');
  return { name: full, type };
}

async function targetsOf(config: Settings, signal: AbortSignal): Promise<LookupTargets> {
  const { server, pagesPort, tcp, namespace } = config;
  if (server !== undefined) {
    const { serverTargets } = await import('../operate/lookup/ask-server.ts');
    return serverTargets({ server, pagesPort, tcp });
  }
  const { openCluster } = await import('../operate/cluster.ts');
  const cluster = await openCluster(config);
  if (config.viaCoredns) {
    const { corednsTargets } = await import('../operate/lookup/ask-coredns.ts');
    return corednsTargets(cluster, namespace, tcp, signal);
  }
  const { replicaTargets } = await import('../operate/lookup/ask-replicas.ts');
  return replicaTargets(cluster, namespace, signal);
}

async function drawn(
  targets: LookupTargets,
  first: LookupFacts,
  { count }: Settings,
  terminal: Terminal,
): Promise<LookupFacts> {
  if (count === 1) return first;
  const [{ drawMany }, { withProgress }] = await Promise.all([
    import('../operate/lookup/look-up.ts'),
    import('./progress.ts'),
  ]);
  const draws = await withProgress(terminal, step =>
    step(`Ask ${count} times`, detail =>
      drawMany(targets, first, count, done => detail(`${done} answers`), terminal.interrupted()),
    ),
  );
  return { ...first, draws };
}

async function watched(
  targets: LookupTargets,
  first: LookupFacts,
  { output }: Settings,
  terminal: Terminal,
): Promise<Resolve> {
  const [{ watchName }, { reportOf }] = await Promise.all([
    import('../operate/lookup/watch-name.ts'),
    import('../lookup/report.ts'),
  ]);
  // What programs read is one value, which comes at the end.
  const tell = output === 'table' ? terminal.print : terminal.progress;
  const told = (change: WatchedChange) => tell(changeLine(change));
  const { facts, watched: seen } = await watchName(targets, first, told, terminal.interrupted());
  if (output === 'table') terminal.print('\n');
  return { ...reportOf(facts), watched: seen };
}
