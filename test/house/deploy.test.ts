import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { COMMANDS } from '../../src/cli/index.ts';
import { namespaceOf } from '../../src/manifests/choices.ts';
import { EXPORTS_NAMESPACE, IMPORTS_NAMESPACE, MANAGED_BY } from '../../src/objects/names.ts';
import { AGENT_PAGES_PORT } from '../../src/operate/pods.ts';
import {
  defined,
  kustomizations,
  manifestFiles,
  manifests,
  ofKind,
  type Spec,
  understood,
} from './manifests.ts';

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

  test('one place of each folder says which image runs: that of this version', () => {
    const image = { name: 'causeway', newName: 'causeway', newTag: packageJson.version };
    // Each of the folders that can be applied by itself.
    const images = kustomizations.flatMap(({ folder, images: own = [] }) => own.map(one => [folder, one]));
    expect(images.toSorted()).toEqual([
      ['deploy/agent', image],
      ['deploy/base', image],
    ]);
    expect(new Set(pods.flatMap(({ containers }) => containers.map(({ image }) => image)))).toEqual(
      new Set(['causeway']),
    );
  });
});

type Workload = { readonly name: string } & Spec['template'];

const deployments = workloads('Deployment');
const daemonSets = workloads('DaemonSet');
const pods = [...deployments, ...daemonSets].map(({ spec }) => spec);

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

describe.each([...deployments, ...daemonSets])('the containers of $name', ({ spec: { containers } }) => {
  test('ask for resources, are limited in memory, and are probed', () => {
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

  test('are told what the command understands', () => {
    for (const { args } of containers) {
      const [name = '', ...flags] = args;
      const { settings } = defined(COMMANDS.find(command => command.name === name));
      expect(() => understood(settings, flags)).not.toThrow();
    }
  });
});

describe('the DaemonSet of the agent', () => {
  const pod = defined(daemonSets[0]).spec;
  const [container] = pod.containers;

  test('is root of the network and of nothing else', () => {
    expect(container?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] },
    });
    expect(pod.securityContext).toMatchObject({ runAsUser: 0, seccompProfile: { type: 'RuntimeDefault' } });
    const given = Object.entries(pod).filter(([key]) => key.startsWith('host'));
    expect(Object.fromEntries(given)).toEqual({ hostNetwork: true, hostUsers: true });
  });

  test('has of the host its settings of the network, its own state and the device for tunnels', () => {
    const paths = pod.volumes?.flatMap(({ hostPath }) => hostPath?.path ?? []);
    expect(paths).toEqual(['/proc/sys/net', '/var/lib/causeway', '/dev/net']);
  });

  test('runs on every node, ready or not, in the namespace that the commands look in', () => {
    expect(pod).toMatchObject({
      tolerations: [{ operator: 'Exists' }],
      priorityClassName: 'system-node-critical',
    });
    expect(ofKind('DaemonSet').map(({ metadata }) => metadata.namespace)).toEqual([
      namespaceOf('agent', 'causeway-system'),
    ]);
  });

  test('is asked where the commands ask it', () => {
    expect(container?.ports).toEqual([{ name: 'http', containerPort: AGENT_PAGES_PORT }]);
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
      [
        ...[EXPORTS_NAMESPACE, `${EXPORTS_NAMESPACE}-REMOTE`, IMPORTS_NAMESPACE],
        ...['causeway-system', 'causeway-agent'],
      ].toSorted(),
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

function workloads(kind: string): Workload[] {
  return ofKind(kind).map(({ metadata: { name }, spec }) => ({ name, ...defined(spec).template }));
}

function contains(
  labels: Readonly<Record<string, string>>,
  selector: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}
