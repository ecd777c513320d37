import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { readSettings, type SettingsTable } from '../../src/apps/setting.ts';
import { COMMANDS } from '../../src/cli/index.ts';
import { EXPORTS_NAMESPACE, IMPORTS_NAMESPACE, MANAGED_BY } from '../../src/objects/names.ts';
import { defined, kustomizations, manifestFiles, manifests, ofKind, textOf } from './manifests.ts';

const root = join(import.meta.dirname, '../..');

describe('kustomizations', () => {
  test.each(kustomizations)(
    '$folder: everything it lists is there',
    ({ folder, resources = [], components = [] }) => {
      expect([...resources, ...components].filter(one => !existsSync(join(root, folder, one)))).toEqual([]);
    },
  );

  test('every manifest is listed in the kustomization of its folder', () => {
    const listed = kustomizations.flatMap(({ folder, resources = [] }) =>
      resources.map(one => posix.join(folder, one)),
    );
    expect(manifestFiles.toSorted()).toEqual(listed.toSorted());
  });

  test('one place says which image runs', () => {
    const images = kustomizations.flatMap(one => one.images ?? []);
    expect(images).toEqual([{ name: 'causeway', newName: 'causeway', newTag: packageJson.version }]);
    expect(new Set(pods.flatMap(({ containers }) => containers.map(({ image }) => image)))).toEqual(
      new Set(['causeway']),
    );
  });
});

const deployments = ofKind('Deployment').map(({ metadata: { name }, spec }) => ({
  name,
  ...defined(spec).template,
}));
const pods = deployments.map(({ spec }) => spec);

describe.each(deployments)('Deployment $name', ({ metadata: { labels }, spec: pod }) => {
  const containers = [...pod.containers, ...(pod.initContainers ?? [])];

  test('runs as nobody, with nothing it does not need', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    for (const { securityContext } of containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
    }
    expect(Object.keys(pod).filter(key => key.startsWith('host'))).toEqual([]);
  });

  test('asks for resources, is limited in memory, and is probed', () => {
    for (const container of containers) {
      expect(container).toMatchObject({
        resources: {
          requests: { cpu: expect.any(String), memory: expect.any(String) },
          limits: { memory: expect.any(String) },
        },
        startupProbe: { httpGet: { path: '/healthz', port: 'http' } },
        livenessProbe: { httpGet: { path: '/healthz', port: 'http' } },
        readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
      });
    }
  });

  test('says what the command understands', () => {
    for (const { args } of containers) {
      const [name = '', ...flags] = args;
      const { settings } = defined(COMMANDS.find(command => command.name === name));
      expect(() => understand(settings, flags)).not.toThrow();
    }
  });

  test('is what its Service, budget, spread and policies select', () => {
    const selectors = [
      ...ofKind('Deployment', 'PodDisruptionBudget').map(({ spec }) => defined(spec).selector.matchLabels),
      ...ofKind('NetworkPolicy').map(({ spec }) => defined(spec).podSelector.matchLabels),
      ...ofKind('Service').map(({ spec }) => defined(spec).selector),
    ].filter(selector => selector['app.kubernetes.io/component'] === labels['app.kubernetes.io/component']);
    const spreads = pod.topologySpreadConstraints.map(({ labelSelector }) => labelSelector.matchLabels);
    expect(selectors.length).toBeGreaterThanOrEqual(2);
    expect(spreads.length).toBeGreaterThanOrEqual(1);
    for (const selector of [...selectors, ...spreads]) expect(selector).toEqual(labels);
  });

  test('the policy lets in what its ports are for', () => {
    const policy = defined(
      ofKind('NetworkPolicy').find(({ spec }) => spec && contains(labels, spec.podSelector.matchLabels)),
    );
    const letIn = defined(policy.spec).ingress.flatMap(({ ports }) =>
      ports.map(one => `${one.protocol} ${one.port}`),
    );
    const listening = containers.flatMap(({ ports }) =>
      ports.map(one => `${one.protocol ?? 'TCP'} ${one.containerPort}`),
    );
    expect(letIn.toSorted()).toEqual(listening.toSorted());
  });
});

test('the Service has port 53 over UDP and TCP, both to the port that the daemon listens on', () => {
  const { ports } = defined(
    defined(ofKind('Service').find(({ metadata }) => metadata.name === 'causeway-dns')).spec,
  );
  const listening = pods.flatMap(({ containers }) => containers.flatMap(container => container.ports));
  const reached = ports.map(one => {
    const target = defined(listening.find(({ name }) => name === one.targetPort));
    return `${one.protocol} ${one.port} to ${target.protocol} ${target.containerPort}`;
  });
  expect(reached).toEqual(['UDP 53 to UDP 1053', 'TCP 53 to TCP 1053']);
});

test('what is deployed bears no mark of what the controller wrote: removing the one would remove the other', () => {
  expect(manifests.filter(({ metadata }) => MANAGED_BY in (metadata.labels ?? {}))).toEqual([]);
});

describe('namespaces', () => {
  test('are those that the controller knows, and one per remote', () => {
    const names = ofKind('Namespace').map(({ metadata }) => metadata.name);
    expect(names.toSorted()).toEqual(
      [EXPORTS_NAMESPACE, `${EXPORTS_NAMESPACE}-REMOTE`, IMPORTS_NAMESPACE, 'causeway-system'].toSorted(),
    );
  });

  test('hold every object that has one', () => {
    const names = new Set(ofKind('Namespace').map(({ metadata }) => metadata.name));
    const elsewhere = manifests.filter(
      ({ metadata: { namespace } }) => namespace !== undefined && !names.has(namespace),
    );
    expect(elsewhere).toEqual([]);
  });
});

describe('the image', () => {
  const dockerfile = textOf('deploy/Dockerfile');

  test('brings the Node that package.json pins', () => {
    const [, version] = /^FROM node:([\d.]+)-\S+ AS build$/m.exec(dockerfile) ?? [];
    expect(version).toBe(packageJson.devDependencies.node);
  });

  test('is built of what .dockerignore lets in', () => {
    const [everything, ...letIn] = textOf('.dockerignore')
      .split('\n')
      .filter(line => line !== '' && !line.startsWith('#'));
    expect(everything).toBe('*');
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources = '']) =>
      sources.split(' '),
    );
    expect(letIn.map(line => line.slice(1)).toSorted()).toEqual([...new Set(copied)].toSorted());
    expect(copied.filter(source => !existsSync(join(root, source)))).toEqual([]);
  });
});

function understand(settings: SettingsTable, flags: readonly string[]): unknown {
  const given: Record<string, string[]> = {};
  for (const flag of flags) {
    const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/.exec(flag) ?? [];
    const key = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (settings[key] === undefined) throw new Error(`there is no ${flag}`);
    given[key] = [...(given[key] ?? []), value];
  }
  return readSettings(settings, { flags: given, operands: {}, environment: {} });
}

function contains(
  labels: Readonly<Record<string, string>>,
  selector: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}
