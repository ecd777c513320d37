import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { revokeTokens } from '../bed/accounts.ts';
import { controllerAccount, type Member } from '../bed/member.ts';
import type { Workload } from '../bed/workload.ts';
import { staysFor, waitFor } from '../kit/wait.ts';
import { health, Scene } from './faults-scene.ts';

/** The API server of west refuses its own controller, altogether or in one thing. */
let scene: Scene;
let west: Member;
let folder: string;
let both: { east: Workload; west: Workload };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'own-server-'));
  scene = await Scene.set('own-server', ['east', 'west']);
  west = scene.member('west');
  const [ofEast, ofWest] = await Promise.all([
    scene.export('east', 'pods', { headless: true, replicas: 2 }),
    scene.export('west', 'pods', { headless: true }),
  ]);
  both = { east: ofEast, west: ofWest };
  await scene.untilAnswered('pods', addresses());
});

afterAll(async () => {
  await scene?.end();
  await rm(folder, { recursive: true, force: true });
});

function addresses(): string[] {
  return [...both.east.addresses(), ...both.west.addresses()];
}

test("the controller's own token is refused, and its file holds another: it goes on with that, and no answer changes", async () => {
  const tokenFile = join(folder, 'token');
  const first = await west.controllerToken();
  await writeFile(tokenFile, first);
  await scene.controllers.get('west')?.stop();
  const controller = await west.startController({ ...health, tokenFile });
  scene.controllers.set('west', controller);
  const before = await scene.export('east', 'before', { headless: true });
  await scene.untilAnswered('before', before.addresses());

  const asking = await scene.watch(['pods']);
  await revokeTokens(west.cluster, controllerAccount, first);
  const after = await scene.export('east', 'after', { headless: true });
  await staysFor(
    'nothing can be written',
    () => scene.answer('after'),
    seen => seen === 'NXDOMAIN',
    3_000,
  );
  await writeFile(tokenFile, await west.controllerToken());
  await scene.untilAnswered('after', after.addresses());
  const local = await scene.export('west', 'local', { headless: true });
  await scene.untilAnswered('local', local.addresses());
  scene.judge('own token refused', await asking.stop(), 'pods', [{ from: 0, addresses: addresses() }]);
  expect(controller.output()).not.toContain(first);
});

test('a controller that starts while one list is refused to it destroys nothing, and goes on when it is given', async () => {
  await scene.controllers.get('west')?.stop();
  const { admin } = west.cluster;
  const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: controllerRole };
  const rules: Rule[] = (await admin.get(role))?.['rules'] ?? [];
  const isExports = (resource: string): boolean => resource === 'serviceexports';
  const fewer = rules.map(rule =>
    rule.resources?.some(isExports)
      ? { ...rule, resources: rule.resources.filter(each => !isExports(each)) }
      : rule,
  );
  expect(fewer).not.toEqual(rules);
  const before = await scene.versions();
  const asking = await scene.watch(['pods']);
  await admin.merge(role, { rules: fewer });
  try {
    await untilRefused();
    const controller = await west.startController({ ...health, untilReady: false });
    scene.controllers.set('west', controller);
    const ready = async (): Promise<string> => (await fetch(`http://${controller.http}/readyz`)).text();
    await waitFor(
      'it waits for that list alone',
      ready,
      seen => /in full yet: serviceexports\s*$/.test(seen),
      30_000,
    );
    await both.east.scale(1);
    await staysFor(
      'nothing is written',
      () => scene.versions(),
      seen => `${seen}` === `${before}`,
      8_000,
    );
  } finally {
    await admin.merge(role, { rules });
  }
  const mendedAt = performance.now();
  await scene.untilAnswered('pods', addresses());
  await sleep(500);
  const asked = await asking.stop();
  const late = asked.filter(({ at }) => at < mendedAt);
  const known = [...new Set(late.flatMap(each => each.addresses))];
  scene.judge('one list refused', late, 'pods', [{ from: 0, addresses: known }]);
  expect(known).toHaveLength(3);
});

interface Rule {
  readonly resources?: readonly string[];
}

const controllerRole = { name: 'causeway-controller' };

async function untilRefused(): Promise<void> {
  const api = west.cluster.api({ token: await west.controllerToken() });
  const path = '/apis/multicluster.x-k8s.io/v1beta1/serviceexports?limit=1';
  try {
    await waitFor(
      'the list is refused',
      () => api.request('GET', path),
      ({ status }) => status === 403,
    );
  } finally {
    api.close();
  }
}
