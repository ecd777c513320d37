import { readSettings } from '../apps/setting.ts';
import { render } from '../terminal/render.ts';
import { Status, statusTable } from '../views/status.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat, systemNamespace } from './operator-settings.ts';

const settings = { ...clusterSettings, namespace: systemNamespace, output: outputFormat };

export const status: CliCommand = {
  name: 'status',
  summary: 'say how it stands with Causeway in a cluster',
  settings,
  examples: [{ to: 'see whether all is well, by the exit code', line: 'causeway status --context east' }],
  output: Status,
  run: async (given, terminal) => {
    const config = readSettings(settings, given);
    const [{ openCluster }, { gatherStatus }, { statusOf, isWell }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/gather-status.ts'),
      import('../health/status.ts'),
    ]);
    const cluster = await openCluster(config);
    const report = statusOf(await gatherStatus(cluster, config.namespace, terminal.interrupted()));
    terminal.print(render(config.output, report, statusTable, terminal));
    return isWell(report) ? EXIT.fine : EXIT.unhealthy;
  },
};
