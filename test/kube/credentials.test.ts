import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { inClusterOrKubeconfig, operatorConnection } from '../../src/kube/credentials.ts';
import { serviceAccount } from '../../src/kube/service-account.ts';
import { Authority } from '../kit/certificate.ts';
import { base64, kubeconfig } from '../kit/kubeconfig.ts';

const authority = new Authority();
const { cert, key } = authority.issue({ commonName: 'controller' });

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Files in a folder of their own; the path of the first. */
async function files(contents: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries(contents)) await writeFile(join(folder, name), content);
  return join(folder, Object.keys(contents)[0] ?? '');
}

describe('a kubeconfig of our own cluster', () => {
  test('may hold everything', async () => {
    const user = { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) };
    const cluster = { 'certificate-authority-data': base64(authority.cert) };
    const path = await files({
      config: kubeconfig({ cluster, user, context: { namespace: 'causeway-system' } }),
    });
    const { server, namespace, authenticate } = await inClusterOrKubeconfig(path);
    expect({ server, namespace }).toEqual({ server: 'https://127.0.0.1:6443', namespace: 'causeway-system' });
    const { headers, tls } = await authenticate(false);
    expect(headers).toEqual({ authorization: 'Bearer a-secret-token' });
    expect(Object.entries(tls).map(([name, value]) => [name, `${value}`])).toEqual([
      ['ca', authority.cert],
      ['cert', cert],
      ['key', key],
    ]);
  });

  test('may point to files beside it', async () => {
    const path = await files({
      config: kubeconfig({ cluster: { 'certificate-authority': 'ca.crt' } }),
      'ca.crt': authority.cert,
    });
    const { authenticate } = await inClusterOrKubeconfig(path);
    expect(`${(await authenticate(false)).tls.ca}`).toBe(authority.cert);
  });

  test('may run a plugin, and is read anew when the server refuses what it gave', async () => {
    const status = (token: string) =>
      JSON.stringify({
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        status: { token },
      });
    const path = await files({ config: '', credential: status('first') });
    const credential = path.replace(/config$/, 'credential');
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'cat', args: [credential] };
    await writeFile(path, kubeconfig({ user: { token: null, exec } }));
    const { authenticate } = await inClusterOrKubeconfig(path);
    expect((await authenticate(false)).headers).toEqual({ authorization: 'Bearer first' });
    await writeFile(credential, status('second'));
    expect((await authenticate(false)).headers).toEqual({ authorization: 'Bearer first' });
    expect((await authenticate(true)).headers).toEqual({ authorization: 'Bearer second' });
    await writeFile(credential, '{"status":{"token":"a-secret-that-is-cut');
    const fault = authenticate(true);
    await expect(fault).rejects.toMatchObject({ code: 'KUBECONFIG_INVALID' });
    await expect(fault).rejects.toThrow(/the plugin printed no ExecCredential/);
  });

  test("may name a file with a token, as a pod's service account does, and is followed when that turns over", async () => {
    const path = await files({ config: '', token: 'first\n' });
    const tokenFile = path.replace(/config$/, 'token');
    const provider = { name: 'tokenFile', config: { tokenFile } };
    await writeFile(path, kubeconfig({ user: { token: null, 'auth-provider': provider } }));
    const { authenticate } = await inClusterOrKubeconfig(path);
    expect((await authenticate(false)).headers).toEqual({ authorization: 'Bearer first' });
    await writeFile(tokenFile, 'second\n');
    expect((await authenticate(true)).headers).toEqual({ authorization: 'Bearer second' });
    await rm(tokenFile);
    await expect(authenticate(true)).rejects.toThrow(/no credential to be had: ENOENT/);
  });

  const absent = '/nonexistent/config';
  const other = { clusters: [], users: [], contexts: [], 'current-context': 'west' };
  const elsewhere = { server: 'https://127.0.0.9:6443' };

  test.each([
    { row: 'of two the first context', list: [kubeconfig(), kubeconfig({ config: other })] },
    { row: 'past a file that is not there', list: [absent, kubeconfig(), absent] },
    { row: 'of two with the same names the first', list: [kubeconfig(), kubeconfig({ cluster: elsewhere })] },
    {
      row: 'of two the only context',
      list: [kubeconfig({ config: { ...other, 'current-context': undefined } }), kubeconfig()],
    },
  ])('is found by the files that KUBECONFIG lists: $row', async ({ list }) => {
    const paths = list.map(text => (text === absent ? absent : files({ config: text })));
    vi.stubEnv('KUBECONFIG', (await Promise.all(paths)).join(':'));
    expect(await inClusterOrKubeconfig(undefined)).toMatchObject({ server: 'https://127.0.0.1:6443' });
  });

  test('is missed where none of the files is there that KUBECONFIG lists', async () => {
    vi.stubEnv('KUBECONFIG', `${absent}::${absent}-2`);
    const refused = inClusterOrKubeconfig(undefined);
    await expect(refused).rejects.toMatchObject({ code: 'KUBECONFIG_INVALID' });
    await expect(refused).rejects.toThrow(
      /^kubeconfig of KUBECONFIG: cannot be read: there is no \/nonexistent\/config, and no \/nonexistent\/config-2;/,
    );
  });

  test.each([
    ['that is not there', undefined, /cannot be read: ENOENT.*kubectl/],
    ['that is no YAML', 'clusters: ["a-secret', /cannot be read/],
    [
      'without a context',
      kubeconfig({ config: { 'current-context': 'west' } }),
      /names no cluster or no user/,
    ],
    ['with plain HTTP', kubeconfig({ cluster: { server: 'http://127.0.0.1:8080' } }), /begins with http:/],
    ['with a proxy', kubeconfig({ cluster: { 'proxy-url': 'http://10.0.0.1' } }), /proxy-url is set/],
  ])('%s is refused', async (_, text, message) => {
    const path = text === undefined ? '/nonexistent/config' : await files({ config: text });
    const refused = inClusterOrKubeconfig(path);
    await expect(refused).rejects.toMatchObject({ code: 'KUBECONFIG_INVALID' });
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.not.toThrow(/a-secret/);
  });
});

describe("a pod's service account", () => {
  test('is what is left where no kubeconfig is named', async () => {
    vi.stubEnv('KUBECONFIG', '');
    vi.stubEnv('KUBERNETES_SERVICE_HOST', 'fd00::1');
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '443');
    expect((await inClusterOrKubeconfig(undefined)).server).toBe('https://[fd00::1]');
  });

  test('has an authority, a token that turns over, and a namespace', async () => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.96.0.1');
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '6443');
    const token = await files({ token: 'first\n', 'ca.crt': authority.cert, namespace: 'causeway-agent\n' });
    const { server, namespace, authenticate } = await serviceAccount(dirname(token));
    expect({ server, namespace }).toEqual({ server: 'https://10.96.0.1:6443', namespace: 'causeway-agent' });
    expect(await authenticate(false)).toEqual({
      headers: { authorization: 'Bearer first' },
      tls: { ca: authority.cert },
    });
    await writeFile(token, 'second\n');
    // The files are not read for every request.
    expect((await authenticate(false)).headers).toEqual({ authorization: 'Bearer first' });
    expect((await authenticate(true)).headers).toEqual({ authorization: 'Bearer second' });
    await rm(token);
    const refused = authenticate(true);
    await expect(refused).rejects.toMatchObject({ code: 'KUBECONFIG_INVALID' });
    await expect(refused).rejects.toThrow(/no credential to be had: ENOENT.*automountServiceAccountToken/);
  });

  test.each([
    { name: 'ca.crt', row: 'empty', content: '' },
    { name: 'ca.crt', row: 'white', content: ' \n\n' },
    { name: 'token', row: 'empty', content: '' },
    { name: 'token', row: 'white', content: '\n' },
  ])('is refused where $name is $row', async ({ name, content }) => {
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.96.0.1');
    const folder = dirname(await files({ token: 'first', 'ca.crt': authority.cert, [name]: content }));
    const { authenticate } = await serviceAccount(folder);
    const refused = authenticate(false);
    await expect(refused).rejects.toMatchObject({ code: 'KUBECONFIG_INVALID' });
    await expect(refused).rejects.toThrow(
      `the pod's service account: no credential to be had: ${join(folder, name)} is empty; run with`,
    );
  });

  test('is the only context there is', async () => {
    vi.stubEnv('KUBECONFIG', '');
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '10.96.0.1');
    expect(await operatorConnection(undefined, 'in-cluster')).toMatchObject({ context: 'in-cluster' });
    const refused = operatorConnection(undefined, 'west');
    await expect(refused).rejects.toMatchObject({ code: 'CONTEXT_UNKNOWN' });
    await expect(refused).rejects.toThrow(
      "the pod's service account: there is no context west; it has in-cluster",
    );
  });

  test('is missed where there is no pod', async () => {
    vi.stubEnv('KUBECONFIG', '');
    vi.stubEnv('KUBERNETES_SERVICE_HOST', '');
    const refused = inClusterOrKubeconfig(undefined);
    await expect(refused).rejects.toThrow(/run in a pod, or give --kubeconfig or KUBECONFIG/);
  });
});

describe('an operator', () => {
  const two = kubeconfig({
    config: {
      contexts: ['east', 'west'].map(name => ({
        name,
        context: { cluster: name, user: 'reader', namespace: name },
      })),
      clusters: ['east', 'west'].map((name, index) => ({
        name,
        cluster: { server: `https://127.0.0.${index + 1}:6443` },
      })),
    },
  });

  test.each([
    { named: undefined, context: 'east', server: 'https://127.0.0.1:6443' },
    { named: 'west', context: 'west', server: 'https://127.0.0.2:6443' },
  ])('of two contexts gets $context when $named is named', async ({ named, context, server }) => {
    const path = await files({ config: two });
    expect(await operatorConnection(path, named)).toMatchObject({ context, server, namespace: context });
  });

  test('hears which contexts there are', async () => {
    const path = await files({ config: two });
    await expect(operatorConnection(path, 'wset')).rejects.toMatchObject({
      code: 'CONTEXT_UNKNOWN',
      message: `kubeconfig ${path}: there is no context wset; it has east, west`,
    });
  });

  test('has ~/.kube/config where nothing else is said', async () => {
    const path = await files({ 'config.yaml': two });
    const home = join(path, '..');
    await mkdir(join(home, '.kube'));
    await writeFile(join(home, '.kube', 'config'), two);
    for (const name of ['KUBECONFIG', 'KUBERNETES_SERVICE_HOST']) vi.stubEnv(name, '');
    vi.stubEnv('HOME', home);
    expect((await operatorConnection(undefined, 'west')).server).toBe('https://127.0.0.2:6443');
  });
});
