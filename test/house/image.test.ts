import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { textOf } from './manifests.ts';

const root = join(import.meta.dirname, '../..');

/** Programs that the routing agent may run, and the Debian packages that they are in. */
const PACKAGES: Readonly<Record<string, string>> = {
  ip: 'iproute2',
  bridge: 'iproute2',
  nft: 'nftables',
  setpriv: 'util-linux',
  wg: 'wireguard-tools',
  'wireguard-go': 'wireguard-go',
  bird: 'bird2',
  birdc: 'bird2',
};

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

  test('is nobody unless a pod says otherwise', () => {
    expect(/^USER (.+)$/m.exec(dockerfile)?.[1]).toBe('65532:65532');
  });

  test('brings every program that the routing agent runs', () => {
    const installed = new Set(
      [
        ...(/install [^&]*--no-install-recommends ([^&]+)/
          .exec(dockerfile.replaceAll('\\\n', ' '))?.[1]
          ?.split(/\s+/) ?? []),
      ].filter(Boolean),
    );
    const missing = [...programsRun()].filter(program => !installed.has(PACKAGES[program] ?? ''));
    expect(missing).toEqual([]);
    expect(installed.size).toBeGreaterThanOrEqual(3);
  });
});

/** By the words in the source: those of the table, and whatever stands first where something is run. */
function programsRun(): Set<string> {
  const folders = 'src/{agent,apps,bgp,kernel,probe,wireguard}/**/*.ts';
  const texts = globSync(folders, { cwd: root }).map(textOf);
  const named = Object.keys(PACKAGES).filter(name => texts.some(text => text.includes(`'${name}'`)));
  const run = texts.flatMap(text =>
    [...text.matchAll(/\b(?:run|spawn)\((?:commands, )?\[?'([\w-]+)'/g)].map(([, name = '']) => name),
  );
  expect(named).toContain('ip');
  expect(run).toContain('nft');
  return new Set([...named, ...run]);
}
