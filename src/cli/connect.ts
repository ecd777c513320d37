import * as read from '../apps/readers.ts';
import { type Config, optional, readSettings, repeated, required } from '../apps/setting.ts';
import { CausewayError } from '../base/errors.ts';
import { render } from '../terminal/render.ts';
import { Connect, connectTable } from '../views/connect.ts';
import { nothingBad } from '../views/finding.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat, systemNamespace } from './operator-settings.ts';

const NOT_GIVEN = 'the one in use where they are connected and it works, else that of the kubeconfig';

const settings = {
  ...clusterSettings,
  destinationContext: optional(read.text('name', 256), 'the context of the other cluster', 'none'),
  oneWay: required(
    read.truth,
    'only let the first cluster (--context) import from the other, and not the other way round',
    'false',
  ),
  all: required(read.truth, 'connect each of --contexts with each', 'false'),
  contexts: repeated(read.text('name', 256), 'with --all: the contexts of the clusters', [], 'none'),
  serverOverride: optional(
    read.httpsUrl,
    'the address at which pods of the other cluster reach the API server of --context',
    NOT_GIVEN,
  ),
  destinationServerOverride: optional(read.httpsUrl, 'the same of --destination-context', NOT_GIVEN),
  skipServerCheck: required(
    read.truth,
    'do not ask from here who answers at addresses other than those of the kubeconfig: where this machine meets somebody else there than the pods do. That the controllers follow each other is then the only check of them',
    'false',
  ),
  weight: optional(
    read.integer('weight', 0, 1000, 'parts'),
    'the weight, in the other cluster, of those exports of --context that set none of their own',
    'it stays as it is',
  ),
  destinationWeight: optional(
    read.integer('weight', 0, 1000, 'parts'),
    'the same of --destination-context',
    'it stays as it is',
  ),
  region: optional(
    read.labelValue,
    "the label `region` of --context's RemoteCluster, which causeway.dev/export-to may select by",
    'it stays as it is',
  ),
  destinationRegion: optional(read.labelValue, 'the same of --destination-context', 'it stays as it is'),
  encryption: optional(
    read.choice(['required', 'preferred', 'off']),
    'whether packets between the pods of the clusters are encrypted with WireGuard: always, or not at all; where it works; never. In every direction that is connected',
    'it stays as it is: off, where nobody has said anything',
  ),
  tokenLifetime: required(
    read.duration('10m', '3650d'),
    'how long a token holds; the controller renews it when a third of that is left, and the API server may give out shorter ones only',
    '30d',
  ),
  longLivedToken: required(
    read.truth,
    'use a token without an end, in a Secret, where no controller is to renew one',
    'false',
  ),
  timeout: required(
    read.duration('0s', '60m'),
    'how long to wait until the controllers follow each other; 0s: not at all',
    '60s',
  ),
  allowOverlap: required(
    read.truth,
    'connect clusters all the same whose pods or Services have the same addresses',
    'false',
  ),
  dryRun: required(read.truth, 'only say what would change', 'false'),
  namespace: systemNamespace,
  output: outputFormat,
};

export const connect: CliCommand = {
  name: 'connect',
  summary: 'let clusters import from each other',
  settings,
  examples: [
    { to: 'connect two clusters', line: 'causeway connect --context east --destination-context west' },
    {
      to: 'connect one whose API server has another address for pods elsewhere',
      line: 'causeway connect --context east --destination-context west --server-override https://10.0.0.10:6443',
    },
    {
      to: 'have everything between the pods of two clusters encrypted',
      line: 'causeway connect --context east --destination-context west --encryption required',
    },
    { to: 'connect each with each', line: 'causeway connect --all --contexts east,west,north' },
  ],
  output: Connect,
  run: async (given, terminal) => {
    const config = readSettings(settings, given);
    const wanted = membersOf(config);
    const [{ openCluster }, { connectClusters }, { withProgress }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/connect/connect.ts'),
      import('./progress.ts'),
    ]);
    const members = await Promise.all(
      wanted.map(async ({ context, ...wish }) => ({
        ...wish,
        cluster: await openCluster({ kubeconfig: config.kubeconfig, context }),
      })),
    );
    const lifetime = config.longLivedToken ? undefined : config.tokenLifetime / 1_000;
    const connected = await withProgress(terminal, step =>
      connectClusters(members, { ...config, lifetime }, step, terminal.interrupted()),
    );
    terminal.print(await render(config.output, connected, connectTable, terminal));
    return nothingBad(connected.findings) ? EXIT.fine : EXIT.unhealthy;
  },
};

type ConnectConfig = Config<typeof settings>;

/** Which clusters, and what was said of each. */
function membersOf(config: ConnectConfig) {
  const { all, contexts, context, destinationContext, oneWay } = config;
  const { serverOverride, weight, region } = config;
  const encryption = ENCRYPTION[config.encryption ?? 'unsaid'];
  const first = { context, serverOverride, weight, region };
  if (!all) {
    if (contexts.length > 0)
      throw usage('--contexts: is for --all; else give --context and --destination-context');
    if (destinationContext === undefined) {
      throw usage('--destination-context: is missing, must be the context of the other cluster');
    }
    const { destinationServerOverride, destinationWeight, destinationRegion } = config;
    if (serverOverride !== undefined && serverOverride === destinationServerOverride) {
      throw usage(
        `--destination-server-override: is ${serverOverride}, as --server-override is; two clusters have two API servers`,
      );
    }
    const second = {
      serverOverride: destinationServerOverride,
      weight: destinationWeight,
      region: destinationRegion,
    };
    return [
      { ...first, encryption },
      { context: destinationContext, ...second, encryption },
    ];
  }
  const perCluster = [...Object.values(first), destinationContext, config.destinationServerOverride];
  const further = [config.destinationWeight, config.destinationRegion];
  if (oneWay || [...perCluster, ...further].some(value => value !== undefined)) {
    throw usage(
      '--all: goes with --contexts alone; what is about one cluster is said when it is connected with one other',
    );
  }
  const chosen = [...new Set(contexts)];
  if (chosen.length < 2) throw usage('--contexts: must name two contexts at least');
  return chosen.map(one => ({
    context: one,
    serverOverride: undefined,
    weight: undefined,
    region: undefined,
    encryption,
  }));
}

/** As it is written in a RemoteCluster. */
const ENCRYPTION = { required: 'Required', preferred: 'Preferred', off: 'Off', unsaid: undefined } as const;

function usage(message: string): CausewayError {
  return new CausewayError('SETTING_INVALID', message);
}
