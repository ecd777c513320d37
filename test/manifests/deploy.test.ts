import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import {
  baseManifests,
  definitionManifests,
  everyManifest,
  type InstallOptions,
  remoteReaderManifests,
  yamlOf,
} from '../../src/manifests/deploy.ts';
import { kustomized } from '../../src/manifests/kustomize.ts';
import type { Manifest } from '../../src/manifests/manifest.ts';
import { deployFiles } from '../../src/operate/deploy-files.ts';

const files = await deployFiles();
const PLAIN: InstallOptions = {
  namespace: 'causeway-system',
  components: ['dns', 'controller'],
  podFamilies: 'ipv4',
  image: undefined,
  answer: undefined,
};

function lines(manifests: readonly Manifest[]): string {
  return manifests
    .map(({ kind, metadata: { namespace, name } }) => `${kind} ${namespace ? `${namespace}/` : ''}${name}\n`)
    .join('');
}

function named(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  const found = manifests.find(one => one.kind === kind && one.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} ${name} among\n${lines(manifests)}`);
  return found;
}

/** `image` and flags of a Deployment's container. */
function container(manifests: readonly Manifest[], name: string): string[] {
  const { spec } = named(manifests, 'Deployment', name);
  const [{ image, args }] = Object(spec).template.spec.containers;
  return [image, ...args];
}

test('the base, in the order of application', () => {
  expect(lines(baseManifests(files, PLAIN))).toBe(`Namespace causeway-system
Namespace causeway-exports
Namespace causeway-imports
ServiceAccount causeway-system/causeway-controller
ServiceAccount causeway-system/causeway-dns
ClusterRole causeway-controller
ClusterRole causeway-publisher
ClusterRole causeway-dns
ClusterRole causeway-remote-reader
ClusterRole causeway-remote-reader-cluster
Role causeway-system/causeway-controller
ClusterRoleBinding causeway-controller
ClusterRoleBinding causeway-dns
RoleBinding causeway-exports/causeway-publisher
RoleBinding causeway-imports/causeway-publisher
RoleBinding causeway-system/causeway-controller
NetworkPolicy causeway-system/causeway-dns
NetworkPolicy causeway-system/causeway-controller
PodDisruptionBudget causeway-system/causeway-dns
Service causeway-system/causeway-dns
Deployment causeway-system/causeway-controller
Deployment causeway-system/causeway-dns
`);
});

test('each bears the labels by which it is found again, beside its own', () => {
  const marks = {
    'app.kubernetes.io/part-of': 'causeway',
    'app.kubernetes.io/version': packageJson.version,
  };
  for (const manifest of [...definitionManifests(files), ...baseManifests(files, PLAIN)]) {
    expect(manifest.metadata.labels).toMatchObject(marks);
  }
  expect(named(baseManifests(files, PLAIN), 'Service', 'causeway-dns').metadata.labels).toEqual({
    ...marks,
    'app.kubernetes.io/name': 'causeway',
    'app.kubernetes.io/component': 'dns',
  });
});

describe('what a cluster is told', () => {
  test.each([
    {
      what: 'nothing: the image of this version, and no flag more',
      options: {},
      controller: [`causeway:${packageJson.version}`, 'controller', '--http-listen=0.0.0.0:9353'],
      dns: [
        `causeway:${packageJson.version}`,
        'dns',
        '--source=kubernetes',
        '--listen=0.0.0.0:1053',
        '--http-listen=0.0.0.0:9353',
        '--state-dir=/var/lib/causeway',
      ],
    },
    {
      what: 'another image, namespace, and addresses to answer with',
      options: {
        image: 'registry.example:5000/mesh/causeway@sha256:0123',
        namespace: 'mesh',
        answer: 'endpoints',
      },
      controller: [
        'registry.example:5000/mesh/causeway@sha256:0123',
        'controller',
        '--http-listen=0.0.0.0:9353',
        '--namespace=mesh',
      ],
      dns: [
        'registry.example:5000/mesh/causeway@sha256:0123',
        'dns',
        '--source=kubernetes',
        '--listen=0.0.0.0:1053',
        '--http-listen=0.0.0.0:9353',
        '--state-dir=/var/lib/causeway',
        '--backends=endpoints',
      ],
    },
    {
      what: 'pods of both families',
      options: { podFamilies: 'dual-stack' as const },
      controller: [`causeway:${packageJson.version}`, 'controller', '--http-listen=0.0.0.0:9353'],
      dns: [
        `causeway:${packageJson.version}`,
        'dns',
        '--source=kubernetes',
        '--listen=0.0.0.0:1053',
        '--http-listen=0.0.0.0:9353',
        '--state-dir=/var/lib/causeway',
        '--listen=[::]:1053',
      ],
    },
    {
      what: 'pods whose first address is of IPv6',
      options: { podFamilies: 'ipv6' as const },
      controller: [
        `causeway:${packageJson.version}`,
        'controller',
        '--http-listen=0.0.0.0:9353',
        '--http-listen=[::]:9353',
      ],
      dns: [
        `causeway:${packageJson.version}`,
        'dns',
        '--source=kubernetes',
        '--listen=0.0.0.0:1053',
        '--http-listen=0.0.0.0:9353',
        '--state-dir=/var/lib/causeway',
        '--listen=[::]:1053',
        '--http-listen=[::]:9353',
      ],
    },
  ])('$what', ({ options, controller, dns }) => {
    const manifests = baseManifests(files, { ...PLAIN, ...options });
    expect(container(manifests, 'causeway-controller')).toEqual(controller);
    expect(container(manifests, 'causeway-dns')).toEqual(dns);
  });

  test('another namespace, which is then named nowhere else', () => {
    const text = yamlOf(baseManifests(files, { ...PLAIN, namespace: 'mesh' }));
    expect(text).not.toContain('causeway-system');
    expect(text.match(/namespace: mesh$/gm)?.length).toBe(
      yamlOf(baseManifests(files, PLAIN)).match(/namespace: causeway-system$/gm)?.length,
    );
  });
});

test('one component comes without what is the other one’s alone', () => {
  expect(lines(baseManifests(files, { ...PLAIN, components: ['dns'] }))).toBe(`Namespace causeway-system
Namespace causeway-exports
Namespace causeway-imports
ServiceAccount causeway-system/causeway-dns
ClusterRole causeway-dns
ClusterRole causeway-remote-reader
ClusterRole causeway-remote-reader-cluster
ClusterRoleBinding causeway-dns
NetworkPolicy causeway-system/causeway-dns
PodDisruptionBudget causeway-system/causeway-dns
Service causeway-system/causeway-dns
Deployment causeway-system/causeway-dns
`);
});

test('what another cluster gets is named after it', () => {
  const manifests = remoteReaderManifests(files, 'west', 'mesh');
  expect(lines(manifests)).toMatch(
    /^Namespace causeway-exports-west\nServiceAccount causeway-exports-west\/west\n/,
  );
  expect(new Set(manifests.flatMap(({ metadata }) => metadata.namespace ?? []))).toEqual(
    new Set(['causeway-exports', 'causeway-exports-west']),
  );
  expect(yamlOf(manifests)).not.toMatch(/REMOTE|causeway-system/);
});

test('everything, as text: definitions first, who the cluster is last', () => {
  const identity = { clusterId: 'east', clusterset: 'shops' };
  const networks = { serviceCidrs: ['10.96.0.0/12', 'fd00:1::/108'], podCidrs: [] };
  const text = yamlOf(everyManifest(files, { ...PLAIN, ...identity, ...networks }));
  expect(text.startsWith('---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n')).toBe(
    true,
  );
  expect(text.slice(text.indexOf('---\napiVersion: about.k8s.io/'))).toBe(`---
apiVersion: about.k8s.io/v1beta1
kind: ClusterProperty
metadata:
  name: cluster.clusterset.k8s.io
  labels:
    app.kubernetes.io/part-of: causeway
spec:
  value: east
---
apiVersion: about.k8s.io/v1beta1
kind: ClusterProperty
metadata:
  name: clusterset.k8s.io
  labels:
    app.kubernetes.io/part-of: causeway
spec:
  value: shops
---
apiVersion: about.k8s.io/v1beta1
kind: ClusterProperty
metadata:
  name: service-cidrs.causeway.dev
  labels:
    app.kubernetes.io/part-of: causeway
spec:
  value: 10.96.0.0/12,fd00:1::/108
`);
});

describe('a package that is broken is not passed over', () => {
  test.each([
    {
      what: 'a file is missing',
      change: { 'base/dns.yaml': undefined },
      message: 'deploy/base/dns.yaml is missing',
    },
    { what: 'a file is no YAML', change: { 'base/dns.yaml': 'a: [' }, message: 'deploy/base/dns.yaml: ' },
    {
      what: 'a kustomization says what is not understood',
      change: { 'base/kustomization.yaml': 'kind: Kustomization\napiVersion: v1\nnamePrefix: my-\n' },
      message: 'namePrefix',
    },
  ])('$what', ({ change, message }) => {
    const broken = new Map(files);
    for (const [path, text] of Object.entries(change)) {
      if (text === undefined) broken.delete(path);
      else broken.set(path, text);
    }
    expect(() => kustomized(broken, 'base')).toThrow(message);
  });
});

test('the routing agent comes with everything that is its own, where it is asked for', () => {
  const all = baseManifests(files, {
    ...PLAIN,
    components: ['dns', 'controller', 'agent'],
    namespace: 'mesh',
  });
  const before = lines(baseManifests(files, { ...PLAIN, namespace: 'mesh' })).split('\n');
  expect(
    lines(all)
      .split('\n')
      .filter(line => !before.includes(line)),
  ).toEqual([
    'Namespace causeway-agent',
    'ServiceAccount causeway-agent/causeway-agent',
    'ValidatingAdmissionPolicy causeway-agent',
    'ValidatingAdmissionPolicy causeway-pod-cidrs',
    'ValidatingAdmissionPolicyBinding causeway-agent',
    'ValidatingAdmissionPolicyBinding causeway-pod-cidrs',
    'ClusterRole causeway-agent',
    'ClusterRoleBinding causeway-agent',
    'DaemonSet causeway-agent/causeway-agent',
  ]);
});

test('what is printed is the same to who reads YAML 1.1, as kubectl does', () => {
  const manifests = [...definitionManifests(files), ...baseManifests(files, PLAIN)];
  const read = parseAllDocuments(yamlOf(manifests), { version: '1.1' }).map(document => document.toJS());
  expect(read).toEqual(manifests);
});
