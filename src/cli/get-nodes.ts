import { readSettings } from '../apps/setting.ts';
import { render } from '../terminal/render.ts';
import { GetNodes, getNodesTable } from '../views/get-nodes.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat } from './operator-settings.ts';

const settings = { ...clusterSettings, output: outputFormat };

export const getNodes: CliCommand = {
  name: 'get nodes',
  summary: 'list the nodes of this cluster, and those of others that are imported',
  settings,
  examples: [{ to: 'see whose pods have which addresses', line: 'causeway get nodes' }],
  output: GetNodes,
  run: async (given, terminal) => {
    const config = readSettings(settings, given);
    const [{ openCluster }, { listNodes }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/list/nodes.ts'),
    ]);
    const cluster = await openCluster(config);
    const nodes = await listNodes(cluster, terminal.interrupted());
    terminal.print(await render(config.output, nodes, getNodesTable, terminal));
    return EXIT.fine;
  },
};
