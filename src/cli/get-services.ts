import * as read from '../apps/readers.ts';
import { optional, readSettings, short } from '../apps/setting.ts';
import { render } from '../terminal/render.ts';
import { GetServices, getServicesTable } from '../views/get-services.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat } from './operator-settings.ts';

const settings = {
  namespace: short('n', optional(read.namespace, 'only the services of this namespace', 'all namespaces')),
  ...clusterSettings,
  output: outputFormat,
};

export const getServices: CliCommand = {
  name: 'get services',
  summary: 'list the services of the cluster set, with what each cluster has of them',
  settings,
  examples: [{ to: 'see which clusters serve what, with weights', line: 'causeway get services -n shop' }],
  output: GetServices,
  run: async (given, terminal) => {
    const config = readSettings(settings, given);
    const [{ openCluster }, { listServices }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/list/services.ts'),
    ]);
    const cluster = await openCluster(config);
    const services = await listServices(cluster, config.namespace, terminal.interrupted());
    terminal.print(await render(config.output, services, getServicesTable, terminal));
    return EXIT.fine;
  },
};
