import { describe, expect, test } from 'vitest';
import { CausewayError, messageOf } from '../../src/base/errors.ts';
import { remoteKubeconfig } from '../../src/kube/remote-kubeconfig.ts';
import { Authority } from '../kit/certificate.ts';
import { base64, kubeconfig } from '../kit/kubeconfig.ts';

const authority = new Authority();
const client = authority.issue({ commonName: 'reader' });
const other = authority.issue();
const certificate = { 'client-certificate-data': base64(client.cert), 'client-key-data': base64(client.key) };

describe('a kubeconfig that can be used', () => {
  test('with a token', async () => {
    const text = kubeconfig({
      cluster: { 'certificate-authority-data': base64(authority.cert), 'tls-server-name': 'api.east' },
      context: { namespace: 'causeway-exports-west' },
    });
    const { server, namespace, authenticate } = remoteKubeconfig(text);
    expect({ server, namespace }).toEqual({
      server: 'https://127.0.0.1:6443',
      namespace: 'causeway-exports-west',
    });
    expect(await authenticate(false)).toEqual({
      headers: { authorization: 'Bearer a-secret-token' },
      tls: { ca: authority.cert, servername: 'api.east' },
    });
  });

  test('with a client certificate', async () => {
    const { authenticate } = remoteKubeconfig(kubeconfig({ user: { token: '', ...certificate } }));
    expect(await authenticate(false)).toEqual({ headers: {}, tls: { cert: client.cert, key: client.key } });
  });

  test.each([
    ['https://rancher.example.com/k8s/clusters/c-1/', 'https://rancher.example.com/k8s/clusters/c-1'],
    ['https://[fd00::1]:6443', 'https://[fd00::1]:6443'],
    ['https://0.0.0.0:443/', 'https://0.0.0.0'],
  ])('at %s', (given, server) => {
    expect(remoteKubeconfig(kubeconfig({ cluster: { server: given } })).server).toBe(server);
  });

  test('with other contexts beside the current one, whatever they are', () => {
    const contexts = ['east', 'west'].map(name => ({ name, context: { cluster: name, user: 'reader' } }));
    expect(remoteKubeconfig(kubeconfig({ config: { contexts } })).namespace).toBeUndefined();
  });

  test('written out by kubectl, which leaves nothing out', () => {
    const cluster = { 'insecure-skip-tls-verify': false, extensions: [{ name: 'minikube' }] };
    expect(() => remoteKubeconfig(kubeconfig({ cluster, config: { preferences: {} } }))).not.toThrow();
  });
});

const exec = { command: '/bin/sh', args: ['-c', 'a-secret-command'] };
const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n`;

describe('a kubeconfig that is refused', () => {
  test.each([
    ['exec', kubeconfig({ user: { exec } }), /the user has exec,.* use the token/],
    ['an auth-provider', kubeconfig({ user: { 'auth-provider': { name: 'oidc' } } }), /has auth-provider/],
    ['a token file', kubeconfig({ user: { tokenFile: '/etc/shadow' } }), /has tokenFile/],
    [
      'a certificate file',
      kubeconfig({ user: { 'client-certificate': '/a' } }),
      /set client-certificate-data/,
    ],
    ['a key file', kubeconfig({ user: { 'client-key': '/a' } }), /has client-key,.* set client-key-data/],
    ['a password', kubeconfig({ user: { username: 'me', password: 'a-secret' } }), /has username/],
    ['impersonation', kubeconfig({ user: { as: 'system:admin' } }), /the user has as/],
    ['impersonated groups', kubeconfig({ user: { 'as-groups': ['system:masters'] } }), /has as-groups/],
    [
      'no check of TLS',
      kubeconfig({ cluster: { 'insecure-skip-tls-verify': true } }),
      /set certificate-authority-data/,
    ],
    [
      'an authority file',
      kubeconfig({ cluster: { 'certificate-authority': '/a' } }),
      /the cluster has certificate-authority,/,
    ],
    [
      'a proxy',
      kubeconfig({ cluster: { 'proxy-url': 'http://10.0.0.1' } }),
      /has proxy-url,.* without a proxy/,
    ],
    ['a field nobody knows', kubeconfig({ user: { 'a-secret token': 1 } }), /the user has an unknown field/],
    ['plain HTTP', kubeconfig({ cluster: { server: 'http://10.0.0.1' } }), /begins with http:\/\/;.*https:/],
    ['no URL', kubeconfig({ cluster: { server: 'east.example.com' } }), /server is not a URL/],
    ['no server', kubeconfig({ cluster: { server: null } }), /server is not a URL/],
    [
      'a user in the URL',
      kubeconfig({ cluster: { server: 'https://me:a-secret@10.0.0.1' } }),
      /holds a user name/,
    ],
    ['no credential', kubeconfig({ user: { token: null } }), /no credential/],
    ['a token of two lines', kubeconfig({ user: { token: 'a-secret\nHost: x' } }), /token is not one word/],
    ['a token that is a number', kubeconfig({ user: { token: 1234 } }), /token is not one word/],
    [
      'a certificate without key',
      kubeconfig({ user: { 'client-certificate-data': base64(client.cert) } }),
      /is missing/,
    ],
    [
      'a key of another',
      kubeconfig({ user: { ...certificate, 'client-key-data': base64(other.key) } }),
      /belong together/,
    ],
    [
      'an authority that is none',
      kubeconfig({ cluster: { 'certificate-authority-data': 'bm8=' } }),
      /not PEM in base64/,
    ],
    [
      'an authority that cannot be read',
      kubeconfig({
        cluster: {
          'certificate-authority-data': base64(
            '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
          ),
        },
      }),
      /cannot be read/,
    ],
    ['no context', kubeconfig({ config: { 'current-context': '' } }), /has no current-context/],
    [
      'a context that is not there',
      kubeconfig({ config: { 'current-context': 'west' } }),
      /0 of its contexts/,
    ],
    ['a user that is not there', kubeconfig({ context: { user: 'admin' } }), /0 of its users/],
    [
      'two clusters of the name',
      kubeconfig({ config: { clusters: [1, 2].map(() => ({ name: 'east', cluster: {} })) } }),
      /2 of its clusters/,
    ],
    ['no user', kubeconfig({ context: { user: null } }), /names no user/],
    ['a namespace that is none', kubeconfig({ context: { namespace: '../kube-system' } }), /namespace/],
    ['another kind', kubeconfig({ config: { kind: 'Secret' } }), /kind is not Config/],
    ['nothing', '', /no mapping/],
    ['a list', '[]', /no mapping/],
    ['no YAML', 'users:\n- token: "a-secret\n', /not YAML \(\w+ in line \d\)/],
    ['a tag of a program', 'users: !!js/function a-secret', /not YAML/],
    ['aliases of aliases', bomb + kubeconfig(), /aliases/],
    ['too much', kubeconfig() + '#'.repeat(65 * 1024), /larger than 64 KiB/],
    ['nesting without end', '['.repeat(30_000), /not YAML|nested/],
  ])('with %s', (_, text, message) => {
    let thrown: unknown;
    try {
      remoteKubeconfig(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CausewayError);
    expect(thrown).toMatchObject({ code: 'KUBECONFIG_INVALID' });
    expect(messageOf(thrown)).toMatch(message);
    expect(JSON.stringify(thrown) + messageOf(thrown)).not.toContain('a-secret');
    expect(Object(thrown).cause).toBeUndefined();
  });
});
