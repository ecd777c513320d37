import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HttpsApiClient } from '../../../src/kube/https-client.ts';
import { publishedAnnotations } from '../../../src/objects/node-annotations.ts';
import { disableCluster } from '../../../src/operate/disable/disable.ts';
import type { Step } from '../../../src/operate/step.ts';
import { PLAIN } from '../../../src/terminal/style.ts';
import { disableTable } from '../../../src/views/disable.ts';
import { ApiServer } from '../../kit/api-server.ts';

const step: Step = (_, work) => work(() => {});
const { signal } = new AbortController();

let server: ApiServer;
let client: HttpsApiClient;

beforeEach(async () => {
  server = await new ApiServer().start();
  client = new HttpsApiClient(server.connection());
});
afterEach(() => server.end());

function disabled({ dryRun = false } = {}) {
  const options = { exports: false, dryRun, timeout: 1_000 };
  return disableCluster({ context: 'east', client }, options, { step, signal });
}

describe('what routing agents published on Nodes', () => {
  const published = publishedAnnotations({
    ...{ underlayAddresses: ['192.0.2.1'], mtu: 1_500, vtepMAC: '02:00:5e:10:00:01' },
    ...{ wireguardPublicKey: `${'A'.repeat(43)}=`, podNetworkAddresses: ['10.1.0.1'] },
    wireguardNextPublicKey: `${'B'.repeat(42)}A=`,
    dataPath: new Map([['west', 'down']] as const),
  });
  const annotationsOf = (name: string) => server.store.get('/nodes', '', name)?.metadata.annotations;
  const put = (name: string, annotations: Readonly<Record<string, string | null>>) =>
    server.put({ apiVersion: 'v1', kind: 'Node', metadata: { name, uid: `u-${name}`, annotations } });
  const FOUND = '✓ nodes: 2 Nodes lose the annotations that routing agents published there';

  beforeEach(() => {
    put('one', { ...published, 'example.com/rack': '7' });
    put('two', { 'causeway.dev/data-path': '{"west":"down"}' });
    put('three', { 'example.com/rack': '8' });
  });

  test('is taken back, and nothing else', async () => {
    const { resourceVersion } = server.store.get('/nodes', '', 'three')?.metadata ?? {};
    expect(disableTable(await disabled(), PLAIN)).toContain(FOUND);
    expect(annotationsOf('one')).toEqual({ 'example.com/rack': '7' });
    expect(Object.keys(annotationsOf('two') ?? {})).toEqual([]);
    expect(server.store.get('/nodes', '', 'three')?.metadata.resourceVersion).toBe(resourceVersion);
    expect(disableTable(await disabled(), PLAIN)).not.toContain('annotations');
  });

  test('is told by a dry run, and stays', async () => {
    expect(disableTable(await disabled({ dryRun: true }), PLAIN)).toContain(FOUND);
    expect(annotationsOf('one')).toEqual({ ...published, 'example.com/rack': '7' });
  });

  test('goes by hand with the line in docs/deploy.md', async () => {
    const page = await readFile(join(import.meta.dirname, '../../../docs/deploy.md'), 'utf8');
    const [, line = ''] = /kubectl annotate nodes --all ((?:[^\n]*\\\n)*[^\n]*)/.exec(page) ?? [];
    const words = line.split(/[\s\\]+/).filter(word => word !== '');
    expect(words).toEqual(Object.keys(published).map(key => `${key}-`));
  });
});
