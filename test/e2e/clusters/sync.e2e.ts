import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { joinAll, type Member, serviceExport } from '../bed/member.ts';
import { sharedBed } from '../bed/shared.ts';
import { Workload } from '../bed/workload.ts';
import { dig, sortedData } from '../kit/dig.ts';
import { freePort } from '../kit/ports.ts';
import { waitFor } from '../kit/wait.ts';

/** East and west in one cluster set, and a client in west that asks its CoreDNS. */
const namespace = 'sync';
const name = `pay.${namespace}.svc.clusterset.local`;

let east: Member;
let west: Member;
let coreDns: number;

beforeAll(async () => {
  const bed = await sharedBed();
  const clusters = [bed.cluster('east'), bed.cluster('west')];
  await Promise.all(clusters.map(cluster => cluster.ensureNamespace(namespace)));
  [east, west] = (await joinAll(clusters)) as [Member, Member];
  const port = await freePort();
  await west.startDns(port);
  coreDns = await west.startCoreDns(port);
});

afterAll(async () => {
  await Promise.all([east, west].map(member => member?.leave()));
});

async function untilAnswered(expected: (data: readonly string[]) => boolean, what: string): Promise<void> {
  await waitFor(what, async () => sortedData(await dig(coreDns, name)), expected, 20_000);
}

describe('a service of east, asked for in west', () => {
  test('has no answer before it is exported, an answer after, and none when it is unexported', async () => {
    await Workload.deploy(east.cluster, { namespace, name: 'pay', replicas: 2 });
    expect((await dig(coreDns, name)).status).toBe('NXDOMAIN');

    await east.cluster.admin.apply(serviceExport(namespace, 'pay'));
    await untilAnswered(data => data.length === 1, 'west answers with the VIP of the service');

    await east.cluster.admin.delete(serviceExport(namespace, 'pay'));
    await waitFor(
      'the name is gone',
      async () => (await dig(coreDns, name)).status,
      status => status === 'NXDOMAIN',
      20_000,
    );
  });
});
