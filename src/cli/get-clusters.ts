import { readSettings } from '../apps/setting.ts';
import { render } from '../terminal/render.ts';
import { GetClusters, getClustersTable } from '../views/get-clusters.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat, systemNamespace } from './operator-settings.ts';

const settings = { namespace: systemNamespace, ...clusterSettings, output: outputFormat };

export const getClusters: CliCommand = {
  name: 'get clusters',
  summary: 'list the clusters that this one imports from',
  settings,
  examples: [{ to: 'see which cluster is not read', line: 'causeway get clusters --context east' }],
  output: GetClusters,
  run: async (given, terminal) => {
    const config = readSettings(settings, given);
    const [{ openCluster }, { listClusters }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/list/clusters.ts'),
    ]);
    const cluster = await openCluster(config);
    const clusters = await listClusters(cluster, config.namespace, terminal.interrupted());
    terminal.print(await render(config.output, clusters, getClustersTable, terminal));
    return EXIT.fine;
  },
};
