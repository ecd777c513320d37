import { describe, expect, test } from 'vitest';
import { remoteKubeconfig } from '../../src/kube/remote-kubeconfig.ts';
import {
  kubeconfigSecret,
  kubeconfigText,
  remoteClusterManifest,
} from '../../src/manifests/remote-cluster.ts';
import { Authority } from '../kit/certificate.ts';

const authority = new Authority().cert;
const access = {
  cluster: 'east',
  account: 'west',
  namespace: 'causeway-exports-west',
  server: 'https://api.east.example.com:6443',
  authority: undefined,
  serverName: undefined,
  token: 'a.b.c',
};

describe('a kubeconfig', () => {
  test('holds what the controller takes, and nothing else', () => {
    expect(kubeconfigText(access)).toBe(`apiVersion: v1
kind: Config
clusters:
  - name: east
    cluster:
      server: https://api.east.example.com:6443
users:
  - name: west
    user:
      token: a.b.c
contexts:
  - name: east
    context:
      cluster: east
      user: west
      namespace: causeway-exports-west
current-context: east
`);
  });

  test('is read as it was meant', async () => {
    const connection = remoteKubeconfig(kubeconfigText({ ...access, authority, serverName: 'kubernetes' }));
    expect(connection).toMatchObject({ server: access.server, namespace: access.namespace, token: 'a.b.c' });
    expect((await connection.authenticate(false)).tls).toEqual({ ca: authority, servername: 'kubernetes' });
  });

  test('lies in a Secret whose label lets the controller renew it', () => {
    expect(kubeconfigSecret('east', 'causeway-system', 'text')).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'causeway-remote-east',
        namespace: 'causeway-system',
        labels: { 'app.kubernetes.io/part-of': 'causeway', 'causeway.dev/made-for': 'east' },
      },
      data: { kubeconfig: 'dGV4dA==' },
    });
  });
});

describe('a RemoteCluster', () => {
  const secretRef = { name: 'causeway-remote-east', key: 'kubeconfig' };
  const held = {
    metadata: { labels: { region: 'eu', tier: 'gold' } },
    spec: { weight: 20, encryption: 'Preferred', namespaces: ['shop'] },
  };
  const nothing = { weight: undefined, region: undefined, encryption: undefined };

  test.each([
    { row: 'is new', wishes: nothing, before: undefined, metadata: { name: 'east' }, spec: { secretRef } },
    {
      row: 'is new and weighed',
      wishes: { ...nothing, weight: 0, region: 'us' },
      before: undefined,
      metadata: { name: 'east', labels: { region: 'us' } },
      spec: { secretRef, weight: 0 },
    },
    {
      row: 'keeps what nothing is said of; what is not ours is not claimed',
      wishes: nothing,
      before: held,
      metadata: { name: 'east', labels: { region: 'eu' } },
      spec: { secretRef, weight: 20, encryption: 'Preferred' },
    },
    {
      row: 'changes',
      wishes: { weight: 80, region: 'us', encryption: 'Required' as const },
      before: held,
      metadata: { name: 'east', labels: { region: 'us' } },
      spec: { secretRef, weight: 80, encryption: 'Required' },
    },
  ])('$row', ({ wishes, before, metadata, spec }) => {
    expect(remoteClusterManifest('east', wishes, before)).toEqual({
      apiVersion: 'causeway.dev/v1alpha1',
      kind: 'RemoteCluster',
      metadata,
      spec,
    });
  });
});
