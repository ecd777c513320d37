import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { remoteKubeconfig } from '../../../src/kube/remote-kubeconfig.ts';
import type { Manifest, Reference } from '../bed/api.ts';
import { Cluster } from '../bed/cluster.ts';
import { kubectl } from '../bed/kubectl.ts';
import { toolPath } from '../kit/go-tools.ts';
import { type TemporaryFolder, temporaryFolder, undoAtEnd } from '../kit/leftovers.ts';
import { run } from '../kit/process.ts';
import { waitFor } from '../kit/wait.ts';

/** deploy/ as its users apply it, to clusters that have nothing yet. */
const root = join(import.meta.dirname, '../../..');
const crds = join(root, 'deploy/crds');
const base = join(root, 'deploy/base');
const remoteReader = join(root, 'deploy/remote-reader');
const serverSide = ['apply', '--server-side', '--validate=strict', '--warnings-as-errors'];

let folder: TemporaryFolder;
let east: Cluster;
let west: Cluster;

beforeAll(async () => {
  folder = await temporaryFolder('deploy');
  const create = async (name: string, number: number): Promise<Cluster> => {
    const cluster = await Cluster.create(join(folder.path, name), name, number);
    undoAtEnd(() => cluster.killNow());
    return cluster;
  };
  [east, west] = await Promise.all([create('east', 5), create('west', 6)]);
});

afterAll(async () => {
  await Promise.all([east?.remove(), west?.remove()]);
  await folder?.remove();
});

describe.each([
  { how: 'server-side', cluster: () => east, apply: serverSide, diff: ['diff', '--server-side'] },
  {
    how: 'client-side',
    cluster: () => west,
    apply: ['apply', '--validate=strict', '--warnings-as-errors'],
    diff: ['diff'],
  },
])('applied $how', ({ cluster, apply, diff }) => {
  test('every object is taken, without a warning', async () => {
    for (const path of [crds, base]) await kubectl(cluster(), [...apply, '-k', path]);
    const count = (text: string): number => text.trim().split('\n').length;
    const there = await kubectl(cluster(), ['get', '-k', base, '-o', 'name']);
    const rendered = await kubectl(cluster(), ['kustomize', base]);
    expect(count(there)).toBe(rendered.match(/^kind: /gm)?.length);
  });

  test('applied again, nothing changes', async () => {
    const before = await versions(cluster());
    for (const path of [crds, base]) {
      await kubectl(cluster(), [...apply, '-k', path]);
      // Ends with 1 where something differs.
      expect(await kubectl(cluster(), [...diff, '-k', path])).toBe('');
    }
    expect(await versions(cluster())).toEqual(before);
  });

  test('the pods of the Deployments are let in', async () => {
    for (const name of ['causeway-controller', 'causeway-dns']) {
      const metadata = { namespace: 'causeway-system', name };
      const deployment = await there(cluster(), { apiVersion: 'apps/v1', kind: 'Deployment', metadata });
      const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: deployment['spec'].template.spec };
      await kubectl(cluster(), ['create', '--dry-run=server', '-f', '-'], { input: stringify(pod) });
      const root = stringify({ ...pod, spec: { ...pod.spec, hostNetwork: true } });
      await expect(
        kubectl(cluster(), ['create', '--dry-run=server', '-f', '-'], { input: root }),
      ).rejects.toThrow('PodSecurity');
    }
  });
});

test('an upgrade that changes both ports 53 reaches both', async () => {
  const rendered = await kubectl(east, ['kustomize', base]);
  const ports = async (): Promise<string> =>
    kubectl(east, [
      '-n',
      'causeway-system',
      'get',
      'service',
      'causeway-dns',
      '-o',
      'jsonpath={.spec.ports[*].targetPort}',
    ]);
  const changed = rendered.replaceAll(/targetPort: dns(-tcp)?$/gm, 'targetPort: 1053');
  await kubectl(east, [...serverSide, '-f', '-'], { input: changed });
  expect(await ports()).toBe('1053 1053');
  await kubectl(east, [...serverSide, '-k', base]);
  expect(await ports()).toBe('dns dns-tcp');
});

test.each(['dual-stack', 'ipv6'])('the component %s fits the base', async component => {
  const overlay = join(folder.path, component);
  await mkdir(overlay);
  // Kustomize takes no absolute paths, and follows links.
  await symlink(join(root, 'deploy'), join(overlay, 'deploy'));
  const kustomization = { resources: ['deploy/base'], components: [`deploy/components/${component}`] };
  await writeFile(join(overlay, 'kustomization.yaml'), stringify(kustomization));
  await kubectl(east, [...serverSide, '--dry-run=server', '-k', overlay]);
  const rendered = await kubectl(east, ['kustomize', overlay]);
  expect(rendered).toContain('--listen=[::]:1053');
  expect(rendered).toContain('ipFamilyPolicy: PreferDualStack');
  expect(rendered.match(/--http-listen=\[::\]:9353/g)?.length).toBe(component === 'ipv6' ? 2 : undefined);
});

test('the walk through docs/deploy.md joins two clusters', async () => {
  const [install = '', ...connect] = await shellBlocks('docs/deploy.md');
  const exchanged = connect.map(block =>
    block.replaceAll(/\b(?:east|west)\b/g, name => (name === 'east' ? 'west' : 'east')),
  );
  await walk([install, ...connect, ...exchanged]);

  for (const [cluster, other] of [
    [east, west],
    [west, east],
  ] as const) {
    const kubeconfig = await kubeconfigOf(cluster, other.name);
    expect(remoteKubeconfig(kubeconfig)).toMatchObject({ namespace: `causeway-exports-${cluster.name}` });
    const path = join(folder.path, `${other.name}.kubeconfig`);
    await writeFile(path, kubeconfig);
    const ask = (...args: string[]) => run(toolPath('kubectl'), ['--kubeconfig', path, ...args]);
    const id = ['get', 'clusterproperty', 'cluster.clusterset.k8s.io', '-o', 'jsonpath={.spec.value}'];
    expect(await ask(...id)).toBe(other.name);
    await ask('-n', 'causeway-exports', 'get', 'endpointslices,exportedservices');
    await expect(ask('get', 'secrets')).rejects.toThrow('Forbidden');
  }
});

test('a credential whose REMOTE was forgotten is refused as a whole', async () => {
  const before = await versions(east);
  const input = await kubectl(east, ['kustomize', remoteReader]);
  await expect(kubectl(east, [...serverSide, '-f', '-'], { input })).rejects.toThrow(
    'Invalid value: "REMOTE"',
  );
  expect(await versions(east)).toEqual(before);
});

/** Kubernetes may take minutes to remove a definition, of which kubectl says that it waited for it. */
const uninstall = { timeout: 300_000 };

test('uninstalled, nothing of it is left', uninstall, async () => {
  const reader = await kubectl(east, ['kustomize', remoteReader]);
  // The Secret of a token goes with its account, before kubectl gets to it.
  const remove = ['delete', '--timeout', '80s', '--ignore-not-found', '-f', '-'];
  await kubectl(east, remove, { input: reader.replaceAll('REMOTE', 'west') });
  for (const path of [base, crds]) await kubectl(east, ['delete', '--timeout', '200s', '-k', path]);
  await waitFor(
    'the namespaces are gone',
    () => versions(east),
    seen => Object.keys(seen).length === 0,
    60_000,
  );
});

/** The blocks of a page that are marked as shell, in their order, without the indentation of their step. */
async function shellBlocks(page: string): Promise<string[]> {
  const text = await readFile(join(root, page), 'utf8');
  return [...text.matchAll(/^( *)```sh\n(.*?)^ *```$/gms)].map(([, indent = '', block = '']) =>
    block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

/**
 * Runs blocks as a reader would: in a folder with `deploy`, with both clusters in the kubeconfig, until one command
 * fails.
 */
async function walk(blocks: readonly string[]): Promise<void> {
  const here = join(folder.path, 'walk');
  await mkdir(here);
  await symlink(join(root, 'deploy'), join(here, 'deploy'));
  await symlink(toolPath('kubectl'), join(here, 'kubectl'));
  const kubeconfigs = [east, west].map(cluster => {
    // Users are told apart by cluster, or one would be the other's.
    const text = cluster.kubeconfigText().replaceAll(/\buser$|(?<=name: )user$/gm, `${cluster.name}-admin`);
    return { path: join(here, `${cluster.name}-admin`), text };
  });
  for (const { path, text } of kubeconfigs) await writeFile(path, text);
  const variables = [
    `PATH=${here}${delimiter}${process.env['PATH']}`,
    `KUBECONFIG=${kubeconfigs.map(({ path }) => path).join(delimiter)}`,
  ];
  await run('env', [...variables, 'bash', '-euo', 'pipefail', '-c', blocks.join('\n')], { cwd: here });
}

/** What a cluster's Secret for a RemoteCluster holds. */
async function kubeconfigOf(cluster: Cluster, remote: string): Promise<string> {
  const object = { apiVersion: 'causeway.dev/v1alpha1', kind: 'RemoteCluster', metadata: { name: remote } };
  const { name, key } = (await there(cluster, object))['spec'].secretRef;
  const metadata = { namespace: 'causeway-system', name };
  const secret = await there(cluster, { apiVersion: 'v1', kind: 'Secret', metadata });
  return Buffer.from(secret['data'][key], 'base64').toString();
}

async function there(cluster: Cluster, object: Reference): Promise<Manifest> {
  const found = await cluster.admin.get(object);
  if (found === undefined) throw new Error(`${cluster.name} has no ${object.kind} ${object.metadata.name}`);
  return found;
}

interface Found {
  readonly kind: string;
  readonly metadata: { readonly namespace?: string; readonly name: string; readonly resourceVersion: string };
}

const kinds = 'crd,ns,sa,role,clusterrole,rolebinding,clusterrolebinding,svc,deploy,pdb,netpol';

/** resourceVersions of all objects of deploy/ that are in the cluster. */
async function versions(cluster: Cluster): Promise<Record<string, string>> {
  const found: Found[] = JSON.parse(await kubectl(cluster, ['get', kinds, '-A', '-o', 'json'])).items;
  const ours = found.filter(({ metadata: { name, namespace = '' } }) =>
    /causeway|multicluster\.x-k8s\.io|about\.k8s\.io/.test(`${namespace}/${name}`),
  );
  return Object.fromEntries(
    ours.map(({ kind, metadata: { namespace, name, resourceVersion } }) => [
      `${kind} ${namespace}/${name}`,
      resourceVersion,
    ]),
  );
}
