import packageJson from '../../package.json' with { type: 'json' };
import * as read from '../apps/readers.ts';
import { optional, readSettings } from '../apps/setting.ts';
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
  ],
  output: Diagnose,
  run: async (given, terminal) => {
    const config = readSettings(settings, given);
    const [{ openCluster }, { gatherFacts }, { chosenChecks, diagnosisOf }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/diagnose/gather.ts'),
      import('../diagnose/diagnosis.ts'),
    ]);
    const chosen = chosenChecks(config.only);
    const contexts = [
      config.context,
      ...(config.destinationContext === undefined ? [] : [config.destinationContext]),
    ];
    const { kubeconfig, namespace } = config;
    const clusters = await Promise.all(contexts.map(context => openCluster({ kubeconfig, context })));
    const facts = await gatherFacts(clusters, namespace, packageJson.version, terminal.interrupted());
    const diagnosis = diagnosisOf(facts, chosen);
    terminal.print(render(config.output, diagnosis, diagnoseTable, terminal));
    if (diagnosis.clusters.some(({ reached }) => !reached)) return EXIT.unreachable;
    return diagnosis.counts.bad > 0 ? EXIT.unhealthy : EXIT.fine;
  },
};
