import * as read from '../apps/readers.ts';
import { mandatory, optional, readSettings, repeated, required } from '../apps/setting.ts';
import { COMPONENTS, POD_FAMILIES } from '../manifests/choices.ts';
import { render } from '../terminal/render.ts';
import { Enable, enableTable } from '../views/enable.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat, systemNamespace } from './operator-settings.ts';

const settings = {
  clusterId: mandatory(read.clusterId, "the cluster's id, unique in the cluster set and for ever"),
  clusterset: optional(read.text('name', 128), 'the name of the cluster set', 'none is written'),
  components: repeated(read.choice(COMPONENTS), 'what to run in the cluster', COMPONENTS),
  image: optional(read.text('image', 512), 'the image to run', 'the one of this version, causeway:<version>'),
  answer: optional(
    read.choice(['service', 'loadbalancer', 'endpoints']),
    "which of a cluster's addresses stand for it where neither the service nor the cluster set says",
    'what causeway dns does without --backends',
  ),
  podFamilies: required(
    read.choice(POD_FAMILIES),
    'address families of pods: ipv6 where it is the only one or the first one',
    'ipv4',
  ),
  dryRun: required(read.truth, 'only say what would change, by the word of the API server', 'false'),
  namespace: systemNamespace,
  ...clusterSettings,
  output: outputFormat,
};

export const enable: CliCommand = {
  name: 'enable',
  summary: 'bring Causeway into a cluster, or up to date',
  settings,
  examples: [
    {
      to: 'see what would change',
      line: 'causeway enable --context east --cluster-id east --dry-run',
    },
  ],
  output: Enable,
  run: async (given, terminal) => {
    const config = readSettings(settings, given);
    const [{ openCluster }, { enableCluster }, { withProgress }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/enable.ts'),
      import('./progress.ts'),
    ]);
    const cluster = await openCluster(config);
    const enabled = await withProgress(terminal, step =>
      enableCluster(cluster, config, step, terminal.interrupted()),
    );
    terminal.print(render(config.output, enabled, enableTable, terminal));
    return EXIT.fine;
  },
};
