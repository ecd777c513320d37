import * as read from '../apps/readers.ts';
import { mandatory, optional, readSettings, repeated, required } from '../apps/setting.ts';
import { CausewayError } from '../base/errors.ts';
import { COMPONENTS, POD_FAMILIES, USUAL_COMPONENTS } from '../manifests/choices.ts';
import type { Networks } from '../manifests/cluster-properties.ts';
import { BACKENDS } from '../objects/traffic.ts';
import { render } from '../terminal/render.ts';
import { Enable, enableTable } from '../views/enable.ts';
import { type CliCommand, EXIT } from './command.ts';
import { clusterSettings, outputFormat, systemNamespace } from './operator-settings.ts';

const settings = {
  clusterId: mandatory(read.clusterId, "the cluster's id, unique in the cluster set and for ever"),
  clusterset: optional(read.text('name', 128), 'the name of the cluster set', 'none is written'),
  components: repeated(
    read.choice(COMPONENTS),
    'what to run in the cluster; agent makes the pods of other clusters reachable, where the network does not',
    USUAL_COMPONENTS,
  ),
  image: optional(read.image, 'the image to run', 'the one of this version, causeway:<version>'),
  answer: optional(
    read.choice(BACKENDS),
    "which of a cluster's addresses stand for it where neither the service nor the cluster set says",
    'what causeway dns does without --backends',
  ),
  podFamilies: required(
    read.choice(POD_FAMILIES),
    'address families of pods: ipv6 where it is the only one or the first one',
    'ipv4',
  ),
  serviceCidr: repeated(
    read.block,
    'address block of services, recorded for other clusters to compare with',
    [],
    'what the cluster shows',
  ),
  podCidr: repeated(
    read.block,
    'address block of pods, recorded for other clusters to compare with',
    [],
    'what the cluster shows',
  ),
  replaceDefinitions: required(
    read.truth,
    'also replace definitions of multicluster.x-k8s.io and about.k8s.io that another program installed',
    'false',
  ),
  timeout: required(
    read.duration('0s', '60m'),
    'how long to wait until everything is ready; with 0s, it is not waited for',
    '5m',
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
    { to: 'bring it in', line: 'causeway enable --context east --cluster-id east' },
    { to: 'see what would change', line: 'causeway enable --context east --cluster-id east --dry-run' },
    { to: 'write down what would be applied', line: 'causeway enable --cluster-id east -o yaml > east.yaml' },
  ],
  output: Enable,
  yaml: 'the objects that would be applied, for `kubectl apply --server-side`; no cluster is asked',
  run: async (given, terminal) => {
    const config = readSettings(settings, given);
    const textOf = ({ text }: { readonly text: string }) => text;
    const options = {
      ...config,
      serviceCidrs: config.serviceCidr.map(textOf),
      podCidrs: config.podCidr.map(textOf),
    };
    const { deployFiles } = await import('../operate/deploy-files.ts');
    const files = await deployFiles();
    if (config.output === 'yaml') {
      await refuseOverlap(options);
      const { everyManifest, yamlOf } = await import('../manifests/deploy.ts');
      terminal.print(yamlOf(everyManifest(files, options)));
      return EXIT.fine;
    }
    const [{ openCluster }, { enableCluster }, { withProgress }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/enable/enable.ts'),
      import('./progress.ts'),
    ]);
    const cluster = await openCluster(config);
    const enabled = await withProgress(terminal, step =>
      enableCluster(cluster, files, options, { step, signal: terminal.interrupted() }),
    );
    terminal.print(await render(config.output, enabled, enableTable, terminal));
    return exitCode(enabled);
  },
};

/** Where no cluster is asked, that is all that can be known of the blocks. */
async function refuseOverlap({ podCidrs, serviceCidrs }: Networks): Promise<void> {
  const { overlapWithin } = await import('../diagnose/cidrs.ts');
  const overlap = overlapWithin('', podCidrs, serviceCidrs);
  if (overlap === undefined) return;
  throw new CausewayError('SETTING_INVALID', `--pod-cidr: ${overlap.found}; no address is both`);
}

function exitCode({ findings }: Enable): number {
  const bad = findings.filter(({ verdict }) => verdict === 'bad');
  if (bad.some(({ check }) => check === 'permission')) return EXIT.unreachable;
  return bad.length > 0 ? EXIT.unhealthy : EXIT.fine;
}
