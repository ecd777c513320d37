import * as read from '../apps/readers.ts';
import { mandatory, readOperands, readSettings } from '../apps/setting.ts';
import { render } from '../terminal/render.ts';
import { Unexport, unexportText } from '../views/export.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat, serviceNamespace } from './operator-settings.ts';

const operands = { service: mandatory(read.serviceName, 'the Service to export no longer') };
const settings = { namespace: serviceNamespace, ...clusterSettings, output: outputFormat };

export const unexport: CliCommand = {
  name: 'unexport',
  summary: 'export a service no longer, whoever exported it',
  operands,
  settings,
  examples: [{ to: 'take a service back from every cluster', line: 'causeway unexport payments -n shop' }],
  output: Unexport,
  run: async (given, terminal) => {
    const { service: name } = readOperands(operands, given);
    const config = readSettings(settings, given);
    const [{ openCluster }, { unexportService }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/export.ts'),
    ]);
    const cluster = await openCluster(config);
    const named = { namespace: config.namespace ?? cluster.connection.namespace ?? 'default', name };
    const done = await unexportService(cluster, named, terminal.interrupted());
    terminal.print(await render(config.output, done, unexportText, terminal));
    return EXIT.fine;
  },
};
