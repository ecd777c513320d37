import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseAllDocuments, stringify } from 'yaml';
import { baseManifests, definitionManifests, remoteReaderManifests } from '../../../src/manifests/deploy.ts';
import type { Manifest } from '../../../src/manifests/manifest.ts';
import { deployFiles } from '../../../src/operate/deploy-files.ts';
import { toolPath } from '../kit/go-tools.ts';
import { type TemporaryFolder, temporaryFolder } from '../kit/leftovers.ts';
import { run } from '../kit/process.ts';

/** What the commands make of deploy/ is what the real kustomize makes of it. */
const root = join(import.meta.dirname, '../../..');
const files = await deployFiles();
const options = {
  namespace: 'causeway-system',
  components: ['dns', 'controller'] as const,
  image: undefined,
  answer: undefined,
};

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await temporaryFolder('manifests');
});

afterAll(() => folder?.remove());

test('of deploy/crds', async () => {
  expect(sorted(definitionManifests(files))).toEqual(await kustomized(join(root, 'deploy/crds')));
});

test('of deploy/base', async () => {
  const manifests = baseManifests(files, { ...options, podFamilies: 'ipv4' });
  expect(sorted(manifests)).toEqual(await kustomized(join(root, 'deploy/base')));
});

test('of deploy/agent, which comes with deploy/base or not at all', async () => {
  const components = ['dns', 'controller', 'agent'] as const;
  const both = await Promise.all(['base', 'agent'].map(part => kustomized(join(root, 'deploy', part))));
  expect(sorted(baseManifests(files, { ...options, components, podFamilies: 'ipv4' }))).toEqual(
    sorted(both.flat()),
  );
});

test('of deploy/remote-reader', async () => {
  const rendered = await kustomized(join(root, 'deploy/remote-reader'));
  const named = JSON.parse(JSON.stringify(rendered).replaceAll('REMOTE', 'west'));
  expect(sorted(remoteReaderManifests(files, 'west', 'causeway-system'))).toEqual(sorted(named));
});

test.each(['dual-stack', 'ipv6'] as const)('of an overlay with the component %s', async podFamilies => {
  const overlay = join(folder.path, podFamilies);
  await mkdir(overlay);
  // Kustomize takes no absolute paths, and follows links.
  await symlink(join(root, 'deploy'), join(overlay, 'deploy'));
  const kustomization = {
    resources: ['deploy/base', 'deploy/agent'],
    components: [`deploy/components/${podFamilies}`],
    images: [{ name: 'causeway', newName: 'registry.example/causeway', newTag: '1.2.3' }],
  };
  await writeFile(join(overlay, 'kustomization.yaml'), stringify(kustomization));
  const image = 'registry.example/causeway:1.2.3';
  const components = ['dns', 'controller', 'agent'] as const;
  expect(sorted(baseManifests(files, { ...options, components, podFamilies, image }))).toEqual(
    await kustomized(overlay),
  );
});

async function kustomized(path: string): Promise<Manifest[]> {
  const text = await run(toolPath('kubectl'), ['kustomize', path]);
  return sorted(parseAllDocuments(text).map(document => document.toJS()));
}

function sorted(manifests: readonly Manifest[]): Manifest[] {
  const key = ({ kind, metadata }: Manifest) => `${kind} ${metadata.namespace}/${metadata.name}`;
  return manifests.toSorted((one, other) => (key(one) < key(other) ? -1 : 1));
}
