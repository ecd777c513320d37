import * as read from '../apps/readers.ts';
import { readSettings, required } from '../apps/setting.ts';
import { CausewayError } from '../base/errors.ts';
import { render } from '../terminal/render.ts';
import { Status } from '../views/status.ts';
import { statusText } from '../views/status-text.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat, systemNamespace } from './operator-settings.ts';
import type { Terminal } from './terminal.ts';

const settings = {
  wait: required(read.truth, 'wait until all has been well for 5 seconds on end', 'false'),
  waitDuration: required(read.duration('1s', '60m'), 'for how long to wait, with --wait', '5m'),
  watch: required(
    read.truth,
    'look every 2 seconds until Ctrl-C; not on a terminal: print what changes',
    'false',
  ),
  namespace: systemNamespace,
  ...clusterSettings,
  output: outputFormat,
};

export const status: CliCommand = {
  name: 'status',
  summary: 'say how it stands with Causeway in a cluster; exit code 0 only if all of it is known to be well',
  settings,
  examples: [
    {
      to: 'see how it stands with a cluster and those that it imports from',
      line: 'causeway status --context east',
    },
    { to: 'go on in a script only when all is well', line: 'causeway status --context east --wait' },
  ],
  output: Status,
  run: async (given, terminal) => {
    const config = readSettings(settings, given);
    if (config.watch && (config.wait || config.output !== 'table')) {
      throw new CausewayError(
        'SETTING_INVALID',
        '--watch: is for people, and goes neither with --wait nor with --output',
      );
    }
    const [{ openCluster }, { gatherStatus }, { statusOf, isWell }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/status/gather.ts'),
      import('../health/status.ts'),
    ]);
    const cluster = await openCluster(config);
    const signal = terminal.interrupted();
    const look = async () => statusOf(await gatherStatus(cluster, config.namespace, signal));
    if (config.watch) {
      const { watchStatus } = await import('./watch-status.ts');
      await watchStatus(look, terminal, signal);
      return EXIT.fine;
    }
    const { found, good } = config.wait
      ? await awaited(look, config.waitDuration, terminal)
      : await look().then(found => ({ found, good: isWell(found) }));
    terminal.print(await render(config.output, found, statusText, terminal));
    return good ? EXIT.fine : EXIT.unhealthy;
  },
};

/** Waits, showing what for; the last look is the result, whether all was well or not. */
async function awaited(look: () => Promise<Status>, limit: number, terminal: Terminal) {
  const [{ untilSteady }, { withProgress }, { systemClock }] = await Promise.all([
    import('../operate/steady.ts'),
    import('./progress.ts'),
    import('../ops/clock.ts'),
  ]);
  const signal = terminal.interrupted();
  let last: Status | undefined;
  const wait = async (told: (text: string) => void) => {
    const result = await untilSteady({ look, limit, told, clock: systemClock, signal });
    if ('fault' in result) throw result.fault;
    last = result.status;
    if (!result.steady) throw new Error(`it was not for 5 s on end, within ${limit / 1_000} s`);
    return result.status;
  };
  try {
    const found = await withProgress(terminal, step => step('Wait until all is well', wait));
    return { found, good: true };
  } catch (fault) {
    if (last === undefined) throw fault;
    return { found: last, good: false };
  }
}
