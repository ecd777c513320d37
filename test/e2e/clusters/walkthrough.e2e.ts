import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Cluster } from '../bed/cluster.ts';
import { remoteReference } from '../bed/look.ts';
import { installCoreDns } from '../bed/node/coredns.ts';
import { Operator } from '../bed/operator.ts';
import { ensureNodes } from '../bed/pods.ts';
import { variablesOf } from '../bed/standing.ts';
import { type Part, pageOf, partsOf, sameButForChance } from '../kit/console.ts';
import { toolPath } from '../kit/go-tools.ts';
import { type TemporaryFolder, temporaryFolder, undoAtEnd } from '../kit/leftovers.ts';
import { waitFor } from '../kit/wait.ts';

/** docs/walkthrough.md, as a newcomer types it. `npm run e2e -- --project clusters walkthrough -u` writes it anew. */
const root = join(import.meta.dirname, '../../..');
const page = join(root, 'docs/walkthrough.md');

let folder: TemporaryFolder;
let east: Cluster;
let west: Cluster;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await temporaryFolder('walkthrough');
  east = await Cluster.create(join(folder.path, 'east'), 'east', 8);
  west = await Cluster.create(join(folder.path, 'west'), 'west', 9);
  for (const cluster of [east, west]) {
    undoAtEnd(() => cluster.killNow());
    await ensureNodes(cluster);
  }
  const { kubeconfig } = await Operator.of(join(folder.path, 'kubeconfig'), [east, west]);
  await Promise.all([east, west].map(cluster => cluster.node.start()));
  await Promise.all([east, west].map(cluster => installCoreDns(cluster)));
  environment = {
    ...process.env,
    KUBECONFIG: kubeconfig,
    NO_COLOR: '1',
    PATH: `${await programs()}:${process.env['PATH']}`,
    ...variablesOf(east),
    ...variablesOf(west),
  };
});

afterAll(async () => {
  for (const cluster of [east, west]) {
    await cluster?.resume();
    await cluster?.node.stop();
    await cluster?.remove();
  }
  await folder?.remove();
});

/** A folder that has what `npm link` and the bed give, `causeway` and `kubectl`, and the Node that both need first. */
async function programs(): Promise<string> {
  const path = join(folder.path, 'bin');
  await mkdir(path);
  await symlink(join(root, 'src/main.js'), join(path, 'causeway'));
  await symlink(toolPath('kubectl'), join(path, 'kubectl'));
  await symlink(process.execPath, join(path, 'node'));
  return path;
}

/** What a command prints, on both ways, as a person sees it. */
async function type(command: string): Promise<string> {
  const options = { cwd: root, env: environment, timeout: 180_000 };
  const script = `{ ${command}; } 2>&1`;
  const { stdout } = await promisify(execFile)('bash', ['-c', script], options).catch(ended => ended);
  return stdout;
}

/** What the page tells to be done by hand before the commands of a section. */
const byHand: Readonly<Record<string, () => Promise<unknown>>> = {
  'A cluster dies': async () => {
    await east.pause();
    const look = async (): Promise<{ type: string; status: string }[]> =>
      (await west.admin.get(remoteReference('east')))?.['status'].conditions;
    const isLost = ({ type, status }: { type: string; status: string }) =>
      type === 'Serving' && status === 'False';
    await waitFor('west holds east for lost', look, seen => seen.some(isLost), 60_000);
  },
};

test('every command prints what the page says', { timeout: 600_000 }, async () => {
  const before = await readFile(page, 'utf8');
  const parts: Part[] = [];
  for (const part of partsOf(before)) {
    if (part.kind === 'text') {
      for (const [heading, act] of Object.entries(byHand))
        if (part.text.includes(`\n## ${heading}\n`)) await act();
      parts.push(part);
      continue;
    }
    const typed: { command: string; output: string }[] = [];
    for (const { command, output } of part.typed) {
      const printed = await type(command);
      const same = sameButForChance(printed, output);
      typed.push({ command, output: same ? output : printed });
    }
    parts.push({ kind: 'console', typed });
  }
  await expect(pageOf(parts)).toMatchFileSnapshot(page);
});
