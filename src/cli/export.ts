import * as read from '../apps/readers.ts';
import { flagOf, mandatory, optional, readOperands, readSettings, required } from '../apps/setting.ts';
import { CausewayError } from '../base/errors.ts';
import { render } from '../terminal/render.ts';
import { Export, exportText } from '../views/export.ts';
import { nothingBad } from '../views/finding.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat, serviceNamespace } from './operator-settings.ts';

const operands = { service: mandatory(read.serviceName, 'the Service to export') };

/** What an annotation may say is read by who reads the annotation: the same words as in the cluster. */
const settings = {
  weight: optional(
    read.text('0-1000', 16),
    'the share of this cluster beside others with a weight; 0 drains it',
    'as it is; at first none, which counts as 1',
  ),
  affinity: optional(
    read.text('local|remote|none', 16),
    'which clusters are tried first, seen from the one that asks',
    'as it is; at first none',
  ),
  backends: optional(
    read.text('service|loadbalancer|endpoints', 16),
    'which addresses of every cluster that exports it are answered, in place of a clusterset IP; the oldest export that says so decides',
    'as it is; at first the setting of the DNS daemon',
  ),
  ttl: optional(
    read.text('seconds', 16),
    'TTL of its records, 0 to 3600',
    'as it is; at first that of the DNS daemon',
  ),
  exportTo: optional(
    read.text('selector', 4096),
    "a selector of the RemoteClusters that may import it, as 'region in (eu)'",
    'as it is; at first every cluster may',
  ),
  force: required(read.truth, 'export it though there is no such Service yet', 'false'),
  wait: required(read.truth, 'wait until the controller has published it', 'false'),
  waitDuration: required(read.duration('1s', '60m'), 'for how long to wait, with --wait', '1m'),
  namespace: serviceNamespace,
  ...clusterSettings,
  output: outputFormat,
};

/** Milliseconds in which a controller that runs has spoken; without --wait nobody waits longer. */
const BRIEFLY = 3_000;

export const exportCommand: CliCommand = {
  name: 'export',
  summary: 'export a service to the other clusters, and say how its traffic is shared',
  operands,
  settings,
  examples: [
    { to: 'export a service to every cluster', line: 'causeway export payments -n shop' },
    {
      to: 'take four fifths of its traffic into a cluster, beside one with weight 20',
      line: 'causeway export payments -n shop --context east --weight 80',
    },
  ],
  output: Export,
  run: async (given, terminal) => {
    const { service: name } = readOperands(operands, given);
    const config = readSettings(settings, given);
    const [{ openCluster }, { exportService }, { requestFaults }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/export.ts'),
      import('../manifests/service-export.ts'),
    ]);
    const cluster = await openCluster(config);
    const named = { namespace: config.namespace ?? cluster.connection.namespace ?? 'default', name };
    const [fault] = requestFaults(named, config);
    if (fault !== undefined)
      throw new CausewayError('SETTING_INVALID', `${flagOf(fault.asked)}: ${fault.message}`);
    const options = { force: config.force, limit: config.wait ? config.waitDuration : BRIEFLY };
    const { done, published } = await exportService(cluster, named, config, options, terminal.interrupted());
    terminal.print(await render(config.output, done, exportText, terminal));
    return !nothingBad(done.findings) || (config.wait && !published) ? EXIT.unhealthy : EXIT.fine;
  },
};
