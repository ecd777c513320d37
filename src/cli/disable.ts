import * as read from '../apps/readers.ts';
import { readSettings, required } from '../apps/setting.ts';
import { render } from '../terminal/render.ts';
import { Disable, disableTable } from '../views/disable.ts';
import { nothingBad } from '../views/finding.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat } from './operator-settings.ts';

const settings = {
  exports: required(read.truth, 'also remove all ServiceExports, which users wrote', 'false'),
  dryRun: required(read.truth, 'only say what would be removed', 'false'),
  timeout: required(read.duration('0s', '60m'), 'how long to wait until namespaces are gone', '2m'),
  ...clusterSettings,
  output: outputFormat,
};

export const disable: CliCommand = {
  name: 'disable',
  summary: 'take Causeway out of a cluster',
  settings,
  examples: [
    { to: 'see what would be removed', line: 'causeway disable --context east --dry-run' },
    { to: 'remove it, with what users exported', line: 'causeway disable --context east --exports' },
  ],
  output: Disable,
  run: async (given, terminal) => {
    const config = readSettings(settings, given);
    const [{ openCluster }, { disableCluster }, { withProgress }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/disable/disable.ts'),
      import('./progress.ts'),
    ]);
    const cluster = await openCluster(config);
    const disabled = await withProgress(terminal, step =>
      disableCluster(cluster, config, { step, signal: terminal.interrupted() }),
    );
    terminal.print(await render(config.output, disabled, disableTable, terminal));
    return nothingBad(disabled.findings) ? EXIT.fine : EXIT.unhealthy;
  },
};
