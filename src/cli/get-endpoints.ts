import * as read from '../apps/readers.ts';
import { optional, readOperands, readSettings, short } from '../apps/setting.ts';
import { CausewayError } from '../base/errors.ts';
import { render } from '../terminal/render.ts';
import { nothingBad } from '../views/finding.ts';
import { GetEndpoints, getEndpointsTable } from '../views/get-endpoints.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat } from './operator-settings.ts';

const operands = {
  service: optional(read.serviceName, 'the service whose endpoints to list', 'those that --selector selects'),
};
const settings = {
  selector: short(
    'l',
    optional(
      read.text('selector', 4096),
      'what to list instead of a service: pods of this cluster by their labels, and endpoints of others by the labels of their Service, because those of their pods are not published',
      'none',
    ),
  ),
  namespace: short(
    'n',
    optional(
      read.namespace,
      'the namespace to look in',
      "of a service that of the kubeconfig's context, else default; of a selector all",
    ),
  ),
  ...clusterSettings,
  output: outputFormat,
};

export const getEndpoints: CliCommand = {
  name: 'get endpoints',
  summary: 'list endpoints over all clusters',
  operands,
  settings,
  examples: [
    { to: 'see what answers for a service, wherever it is', line: 'causeway get endpoints payments -n shop' },
    { to: 'see what a selector selects, in all clusters', line: "causeway get endpoints --selector 'app=x'" },
  ],
  output: GetEndpoints,
  run: async (given, terminal) => {
    const { service: name } = readOperands(operands, given);
    const config = readSettings(settings, given);
    const { selector } = config;
    if ((name === undefined) === (selector === undefined)) {
      throw new CausewayError('SETTING_INVALID', '<service>: give either a service or --selector');
    }
    const [{ openCluster }, { listEndpoints, selectEndpoints }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/list/endpoints.ts'),
    ]);
    const cluster = await openCluster(config);
    const signal = terminal.interrupted();
    const namespace = config.namespace ?? cluster.connection.namespace ?? 'default';
    const endpoints =
      name === undefined
        ? await selectEndpoints(cluster, selector ?? '', config.namespace, signal)
        : await listEndpoints(cluster, { namespace, name }, signal);
    terminal.print(await render(config.output, endpoints, getEndpointsTable, terminal));
    return nothingBad(endpoints.findings) ? EXIT.fine : EXIT.unhealthy;
  },
};
