import * as read from '../apps/readers.ts';
import { optional, readOperands, readSettings, required } from '../apps/setting.ts';
import { CausewayError } from '../base/errors.ts';
import { render } from '../terminal/render.ts';
import { Disconnect, disconnectTable } from '../views/disconnect.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat, systemNamespace } from './operator-settings.ts';

const settings = {
  ...clusterSettings,
  destinationContext: optional(read.text('name', 256), 'the context of the other cluster', 'none'),
  oneWay: required(
    read.truth,
    'only have the first cluster (--context) no longer import from the other; that one goes on',
    'false',
  ),
  dryRun: required(read.truth, 'only say what would be removed', 'false'),
  namespace: systemNamespace,
  output: outputFormat,
};

const operands = {
  cluster: optional(
    read.clusterId,
    'the other cluster by its id, where there is no context for it any more',
    'that of --destination-context',
  ),
};

export const disconnect: CliCommand = {
  name: 'disconnect',
  summary: 'end the imports of clusters from each other, whether the other one is still there or not',
  settings,
  operands,
  examples: [
    { to: 'part two clusters', line: 'causeway disconnect --context east --destination-context west' },
    { to: 'part with a cluster that is gone', line: 'causeway disconnect --context east west' },
  ],
  output: Disconnect,
  run: async (given, terminal) => {
    const config = readSettings(settings, given);
    const { cluster: name } = readOperands(operands, given);
    const { kubeconfig, context, destinationContext } = config;
    if ((name === undefined) === (destinationContext === undefined)) {
      const found = 'must be given, or else the id of the other cluster, and not both';
      throw new CausewayError('SETTING_INVALID', `--destination-context: ${found}`);
    }
    const [{ openCluster }, { disconnectClusters }, { withProgress }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/connect/disconnect.ts'),
      import('./progress.ts'),
    ]);
    const cluster = await openCluster({ kubeconfig, context });
    const peer =
      name === undefined
        ? { cluster: await openCluster({ kubeconfig, context: destinationContext }) }
        : { name };
    const disconnected = await withProgress(terminal, step =>
      disconnectClusters(cluster, peer, config, step, terminal.interrupted()),
    );
    terminal.print(await render(config.output, disconnected, disconnectTable, terminal));
    return EXIT.fine;
  },
};
