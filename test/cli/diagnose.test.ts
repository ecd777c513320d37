import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'valibot';
import { describe, expect, test, vi } from 'vitest';
import { Interrupted } from '../../src/cli/terminal.ts';
import { Diagnose } from '../../src/views/diagnose.ts';
import { OperatorsCluster } from '../kit/command-run.ts';

/** A cluster in which nothing is installed. */
async function bareCluster(): Promise<OperatorsCluster> {
  const cluster = await OperatorsCluster.start();
  cluster.api.pages.set('/version', { status: 200, text: '{"gitVersion": "v1.34.2"}' });
  return cluster;
}

describe('exit codes', () => {
  test('0 where nothing that was looked at is wrong; warnings are none', async () => {
    const { code, output, complaints } = await (await bareCluster()).run('diagnose --only tls');
    expect([code, complaints]).toEqual([0, []]);
    expect(output).toMatch(/^⚠ tls.validity {3}east: the certificate ends in \d days, at /m);
    expect(output).toMatch(/\n4 ✓ {2}1 ⚠ {2}0 ✗ {2}0 \?\n$/);
  });

  test('1 where something is wrong, with its cause and its cure', async () => {
    const { code, output } = await (await bareCluster()).run('diagnose --only dns.service');
    expect(code).toBe(1);
    expect(output).toBe(`✗ dns.service  east: there is no Service causeway-dns in namespace causeway-system
               cause: Causeway was not enabled in this cluster, runs in another namespace, or somebody deleted the Service.
               cure:  Run \`causeway enable\` again, or apply deploy/base with --server-side. It gets another ClusterIP then: run \`causeway coredns install\` as well.

0 ✓  0 ⚠  1 ✗  0 ?
`);
  });

  test('2 where no check has the name, before anything is asked', async () => {
    const cluster = await bareCluster();
    const { code, complaints, output } = await cluster.run('diagnose --only tsl.*');
    expect([code, output]).toEqual([2, '']);
    expect(complaints).toEqual([
      expect.stringMatching(/^--only: no check is named "tsl.\*"; there are reach.name/),
    ]);
  });

  test('2 where the context is none', async () => {
    expect((await (await bareCluster()).run('diagnose --destination-context west')).code).toBe(2);
  });

  test('3 where the cluster could not be asked at all, and all is told that can be', async () => {
    const cluster = await bareCluster();
    await cluster.api.stop();
    const { code, output } = await cluster.run('diagnose');
    expect(code).toBe(3);
    expect(output).toMatch(/^✗ reach.connect +east: no connection to /m);
    expect(output).toContain(`\n✗ east could not be reached at ${cluster.api.url}\n`);
    expect(output).toMatch(/^\? id.present +east: its API server gives no answer: see reach.api$/m);
  });
});

test('-o json is what the schema says, and nothing else is on standard output', async () => {
  const cluster = await bareCluster();
  const path = join(dirname(cluster.kubeconfig), 'east.tgz');
  const { output, progress } = await cluster.runWords(['diagnose', '-o', 'json', '--bundle', path]);
  const found = JSON.parse(output);
  expect(parse(Diagnose, found)).toEqual(found);
  expect(progress).toMatch(/east\.tgz: \d+ files\n$/);
});

describe('--bundle', () => {
  test('is a file for its owner alone', async () => {
    const cluster = await bareCluster();
    const path = join(dirname(cluster.kubeconfig), 'east.tgz');
    await cluster.runWords(['diagnose', '--bundle', path]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    // RFC 1952: what gzip begins with.
    expect(readFileSync(path).subarray(0, 2).toString('hex')).toBe('1f8b');
  });

  test('does not overwrite a file without --force', async () => {
    const cluster = await bareCluster();
    const path = join(dirname(cluster.kubeconfig), 'east.tgz');
    writeFileSync(path, 'mine');
    const { code, complaints } = await cluster.runWords(['diagnose', '--bundle', path]);
    expect([code, complaints]).toEqual([
      2,
      [`--bundle: ${path} is there already; give another name, or --force`],
    ]);
    expect(readFileSync(path, 'utf8')).toBe('mine');
    expect((await cluster.runWords(['diagnose', '--bundle', path, '--force'])).code).toBe(1);
    expect(readFileSync(path, 'utf8')).not.toBe('mine');
  });

  test('leaves no file behind when it is ended by Ctrl-C', async () => {
    const cluster = await bareCluster();
    cluster.api.frozen = true;
    const path = join(dirname(cluster.kubeconfig), 'east.tgz');
    const ctrlC = new AbortController();
    const running = cluster.runWords(['diagnose', '--bundle', path], ctrlC.signal);
    await vi.waitFor(() => expect(existsSync(path)).toBe(true));
    ctrlC.abort(new Interrupted('ended by SIGINT'));
    expect((await running).code).toBe(130);
    expect(existsSync(path)).toBe(false);
  });

  test('of a cluster that is away holds what was found', async () => {
    const cluster = await bareCluster();
    const path = join(dirname(cluster.kubeconfig), 'east.tgz');
    await cluster.api.stop();
    expect((await cluster.runWords(['diagnose', '--bundle', path])).code).toBe(3);
    expect(existsSync(path)).toBe(true);
    rmSync(path);
  });
});
