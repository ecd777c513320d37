import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CoreDns, startCoreDns } from './kit/coredns.ts';
import { Daemon } from './kit/daemon.ts';
import { dig, type Reply, sortedData } from './kit/dig.ts';
import { exported, type ScratchMesh, scratchMesh } from './kit/mesh.ts';
import { freePort } from './kit/ports.ts';
import { eventually } from './kit/process.ts';
import { nodeLocal, onLoopback, readStanza, stock } from './kit/stanza.ts';

/** What a client of CoreDNS sees while the daemon behind it dies, comes back and learns. */
describe.each([stock, nodeLocal])('$file', stanza => {
  let mesh: ScratchMesh;
  let daemon: Daemon;
  let coreDns: CoreDns;
  let port: number;

  const name = 'metrics.platform.svc.clusterset.local';
  const expectAnswer = async (args: string, expected: readonly string[]): Promise<void> => {
    expect(sortedData(await dig(port, args))).toEqual(expected);
  };

  beforeAll(async () => {
    mesh = await scratchMesh();
    daemon = await Daemon.start(mesh.path);
    port = await freePort();
    coreDns = await startCoreDns(onLoopback(await readStanza(stanza), port, daemon.address));
  });

  afterAll(async () => {
    await coreDns?.stop();
    await daemon?.stop();
    await mesh?.remove();
  });

  test('a killed daemon is SERVFAIL, one that is back answers within 5 s, and nothing in between is wrong', async () => {
    await expectAnswer(name, ['10.30.0.14']);
    const watch = watchReplies();

    await daemon.kill();
    for (const transport of ['+notcp', '+tcp']) {
      expect(await dig(port, `${name} ${transport}`)).toMatchObject({ status: 'SERVFAIL', answer: [] });
    }
    await sleep(1_000);
    await daemon.start();
    await eventually(() => expectAnswer(name, ['10.30.0.14']), 5_000);
    await eventually(() => expectAnswer(`${name} +tcp`, ['10.30.0.14']), 5_000);

    const replies = await watch.stop();
    expect(replies.filter(({ status }) => status === 'SERVFAIL').length).toBeGreaterThan(0);
    for (const reply of replies) {
      expect(['NOERROR', 'SERVFAIL']).toContain(reply.status);
      expect(sortedData(reply)).toEqual(reply.status === 'NOERROR' ? ['10.30.0.14'] : []);
    }
  });

  /** Asks ten times a second, whether or not the last reply has come. */
  function watchReplies(): { stop(): Promise<Reply[]> } {
    const replies: Promise<Reply>[] = [];
    const timer = setInterval(() => replies.push(dig(port, name)), 100);
    return {
      stop: () => {
        clearInterval(timer);
        return Promise.all(replies);
      },
    };
  }

  test('a change on disk is seen within 3 s, since nothing between keeps the old answer', async () => {
    const parcels = (clusterIP: string): object[] =>
      exported({ name: 'parcels', clusterIP, endpoints: ['10.10.1.71'] });
    const ask = 'parcels.shop.svc.clusterset.local';

    expect((await dig(port, ask)).status).toBe('NXDOMAIN');
    await mesh.write('east', 'parcels.yaml', parcels('10.10.0.71'));
    await eventually(() => expectAnswer(ask, ['10.10.0.71']), 3_000);
    await mesh.write('east', 'parcels.yaml', parcels('10.10.0.72'));
    await eventually(() => expectAnswer(ask, ['10.10.0.72']), 3_000);
  });
});
