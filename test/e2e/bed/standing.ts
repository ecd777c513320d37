import { readdirSync } from 'node:fs';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { cacheFolder, clusterTools, ensureTools, toolPath } from '../kit/go-tools.ts';
import { Bed } from './bed.ts';
import type { Cluster } from './cluster.ts';
import { nodeAddress, podRanges } from './description.ts';
import { installCoreDns } from './node/coredns.ts';
import { mayRunPods } from './node/node.ts';

/** Where the bed to play with by hand lies unless told otherwise: outside the tree. */
export const standingFolder = join(cacheFolder(), 'bed');

/**
 * Starts a bed that outlives this process, or what doesn't run of the one that is there.
 * @param folder gets a kubeconfig per cluster, and `clusters` with everything else
 * @returns what to tell its user
 */
export async function up(folder: string, count: number): Promise<string> {
  const clusters = join(resolve(folder), 'clusters');
  await ensureTools(clusterTools);
  if (Bed.isAt(clusters)) {
    const bed = Bed.at(clusters);
    const down = bed.clusters.flatMap(cluster => cluster.programs()).filter(program => !program.runs());
    await bed.start();
    if (mayRunPods()) await bed.startNodes();
    if (bed.clusters.length !== count) return `${described(folder, bed)}\n${wrongCount(bed, count)}`;
    const how =
      down.length === 0 ? 'the bed is up already' : `the bed was there; ${down.length} programs started`;
    return `${how}\n\n${described(folder, bed)}`;
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Until it is whole it ends with this process, Ctrl-C included.
  const undone = Bed.endWithProcess(clusters);
  const interrupted = (): void => process.exit(130);
  process.once('SIGINT', interrupted);
  const started = Date.now();
  const bed = await Bed.create(clusters, count);
  if (mayRunPods()) {
    await bed.startNodes();
    await Promise.all(bed.clusters.map(cluster => installCoreDns(cluster)));
  }
  for (const cluster of bed.clusters) {
    await writeFile(kubeconfigOf(folder, cluster.name), cluster.kubeconfigText(), { mode: 0o600 });
  }
  undone();
  process.off('SIGINT', interrupted);
  return `${count} clusters up in ${((Date.now() - started) / 1_000).toFixed(1)} s\n\n${described(folder, bed)}`;
}

/** Ends the bed of a folder and removes its files. @returns what to tell its user */
export async function down(folder: string): Promise<string> {
  const clusters = join(resolve(folder), 'clusters');
  if (!Bed.isAt(clusters)) return `no bed at ${folder}`;
  const bed = Bed.at(clusters);
  await bed.remove();
  for (const { name } of bed.clusters) await rm(kubeconfigOf(folder, name), { force: true });
  // Somebody may have put something of their own beside it.
  if (readdirSync(folder).length === 0) await rmdir(folder);
  return `the bed at ${folder} is down`;
}

function wrongCount(bed: Bed, count: number): string {
  return `it has ${bed.clusters.length} clusters, not ${count}: npm run e2e:down, then up again`;
}

function kubeconfigOf(folder: string, name: string): string {
  return join(folder, `${name}.kubeconfig`);
}

const podLines = mayRunPods()
  ? [
      'Pods of the images causeway, coredns and echo run, each in a network namespace of its own; CoreDNS is there. Go on with',
      '"Enable both" in docs/walkthrough.md, where these stand for what pods see:',
    ]
  : ['Pods do not run, which takes root: write EndpointSlices by hand, or Pods with their status.'];

/** The variables that docs/walkthrough.md uses of a cluster. */
export function variablesOf({ name, description }: Cluster): Record<string, string> {
  const prefix = name.toUpperCase();
  const server = `https://${nodeAddress(description)}:${description.ports.api}`;
  return { [prefix]: server, [`${prefix}_PODS`]: podRanges(description).join(',') };
}

function exportOf(cluster: Cluster): string {
  const pairs = Object.entries(variablesOf(cluster)).map(([name, value]) => `${name}=${value}`);
  return `  export ${pairs.join(' ')}`;
}

function described(folder: string, bed: Bed): string {
  const first = bed.clusters[0];
  if (first === undefined) return 'it has no clusters';
  const lines = bed.clusters.map(
    ({ name, description }) => `  ${name.padEnd(8)}https://127.0.0.1:${description.ports.api}`,
  );
  const home = (path: string): string => path.replace(homedir(), '~');
  return [
    ...lines,
    '',
    'as administrator of all of them, each a context, with the kubectl of their version:',
    `  export KUBECONFIG=${bed.clusters.map(({ name }) => home(kubeconfigOf(folder, name))).join(':')}`,
    `  ${home(toolPath('kubectl'))} --context ${first.name} get namespaces`,
    ...podLines,
    ...(mayRunPods() ? bed.clusters.map(exportOf) : []),
    'to have a cluster die, and to bring it back, stop its API server (-CONT: it goes on):',
    ...bed.clusters.flatMap(({ name, apiServer }) => {
      const pid = apiServer.pid();
      return pid === undefined ? [] : [`  kill -STOP ${pid}  # ${name}`];
    }),
    'test suites on it instead of on a bed of their own (they end its pods; npm run e2e:up brings them back):',
    `  CAUSEWAY_BED=${home(join(resolve(folder), 'clusters'))} npm run e2e -- --project clusters`,
    'to end it:',
    `  npm run e2e:down${folder === standingFolder ? '' : ` -- --folder ${folder}`}`,
  ].join('\n');
}
