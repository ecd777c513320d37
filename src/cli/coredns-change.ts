import { type Given, readSettings } from '../apps/setting.ts';
import { render } from '../terminal/render.ts';
import { coreDnsChangeText } from '../views/coredns-change.ts';
import { EXIT } from './command.ts';
import { chosenMap, coreDnsChangeSettings } from './coredns-settings.ts';
import type { Terminal } from './terminal.ts';

/** What `coredns install` and `coredns remove` do. */
export async function changeCoreDnsBy(
  act: 'install' | 'remove',
  given: Given,
  terminal: Terminal,
): Promise<number> {
  const config = readSettings(coreDnsChangeSettings, given);
  const options = { ...config, act, chosen: chosenMap(config) };
  const [{ openCluster }, { changeCoreDns }, { withProgress }, { systemClock }] = await Promise.all([
    import('../operate/cluster.ts'),
    import('../operate/coredns/change.ts'),
    import('./progress.ts'),
    import('../ops/clock.ts'),
  ]);
  const cluster = await openCluster(config);
  const changed = await withProgress(terminal, step =>
    changeCoreDns(cluster, options, { step, signal: terminal.interrupted() }, systemClock),
  );
  terminal.print(await render(config.output, changed, coreDnsChangeText, terminal));
  const well = changed.findings.every(({ verdict }) => verdict === 'good' || verdict === 'warning');
  return well ? EXIT.fine : EXIT.unhealthy;
}
