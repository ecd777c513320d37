import packageJson from '../../package.json' with { type: 'json' };
import * as read from '../apps/readers.ts';
import { optional, readSettings, required } from '../apps/setting.ts';
import { render } from '../terminal/render.ts';
import { Diagnose, diagnoseTable } from '../views/diagnose.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat, systemNamespace } from './operator-settings.ts';

const settings = {
  ...clusterSettings,
  destinationContext: optional(
    read.context,
    'the context of a second cluster: both are looked at, and the pair in both directions',
    'only the one cluster is looked at',
  ),
  only: optional(read.text('glob', 64), "the checks to show, by their names: 'tls.*'", 'all checks'),
  bundle: optional(
    read.path,
    'also write all that a helper needs into this file (.tgz): findings, objects, logs; Secrets are left out',
    'none is written',
  ),
  force: required(read.truth, 'let --bundle overwrite a file that is there', 'false'),
  namespace: systemNamespace,
  output: outputFormat,
};

export const diagnose: CliCommand = {
  name: 'diagnose',
  summary: 'check everything that Causeway needs, with cause and cure of what is wrong',
  settings,
  examples: [
    { to: 'look at a cluster', line: 'causeway diagnose --context east' },
    { to: 'look at a pair', line: 'causeway diagnose --context east --destination-context west' },
    { to: 'look at certificates only', line: "causeway diagnose --context east --only 'tls.*'" },
    {
      to: 'send somebody what there is to know, without a secret in it',
      line: 'causeway diagnose --context east --bundle east.tgz',
    },
  ],
  output: Diagnose,
  run: async (given, terminal) => {
    const config = readSettings(settings, given);
    const { kubeconfig, context, destinationContext, namespace, bundle, force } = config;
    const [{ openCluster }, { gatherFacts }, { chosenChecks, diagnosisOf }, { claimBundle, writeBundle }] =
      await Promise.all([
        import('../operate/cluster.ts'),
        import('../operate/diagnose/gather.ts'),
        import('../diagnose/diagnosis.ts'),
        import('../operate/diagnose/bundle.ts'),
      ]);
    const chosen = chosenChecks(config.only);
    const contexts = [context, ...(destinationContext === undefined ? [] : [destinationContext])];
    const clusters = await Promise.all(contexts.map(name => openCluster({ kubeconfig, context: name })));
    const giveBack = bundle === undefined ? async () => {} : await claimBundle(bundle, force);
    try {
      const signal = terminal.interrupted();
      const { version } = packageJson;
      const diagnosis = diagnosisOf(await gatherFacts(clusters, namespace, version, signal), chosen);
      terminal.print(await render(config.output, diagnosis, diagnoseTable, terminal));
      if (bundle !== undefined) {
        const written = await writeBundle(bundle, clusters, diagnosis, { namespace, version }, signal);
        terminal.progress(toldOf(bundle, written));
      }
      return exitCode(diagnosis);
    } catch (thrown) {
      await giveBack();
      throw thrown;
    }
  },
};

function toldOf(
  path: string,
  { files, cut }: { readonly files: number; readonly cut: readonly string[] },
): string {
  const shortened = cut.length === 0 ? '' : `, ${cut.length} of them shortened (cut.txt says which)`;
  return `${path}: ${files} files${shortened}\n`;
}

function exitCode({ clusters, counts }: Diagnose): number {
  if (clusters.some(({ reached }) => !reached)) return EXIT.unreachable;
  return counts.bad > 0 ? EXIT.unhealthy : EXIT.fine;
}
