import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type CoreDns, startCoreDns } from './kit/coredns.ts';
import { Daemon } from './kit/daemon.ts';
import { dig, sortedData } from './kit/dig.ts';
import { draw } from './kit/draws.ts';
import { exported, type ScratchMesh, scratchMesh } from './kit/mesh.ts';
import { freePort } from './kit/ports.ts';
import { eventually } from './kit/process.ts';
import { onLoopback, openShift, readStanza, stock } from './kit/stanza.ts';

/** What goes wrong, or does not, with a Corefile other than ours. docs/coredns.md warns by these tests. */
let mesh: ScratchMesh;
let daemon: Daemon;
let running: CoreDns[] = [];

beforeAll(async () => {
  mesh = await scratchMesh();
  daemon = await Daemon.start(mesh.path);
});

afterEach(async () => {
  await Promise.all(running.map(coreDns => coreDns.stop()));
  running = [];
});

afterAll(async () => {
  await daemon?.stop();
  await mesh?.remove();
});

async function boot(corefile: string): Promise<CoreDns> {
  const coreDns = await startCoreDns(corefile);
  running.push(coreDns);
  return coreDns;
}

async function bootStanza(text: string, upstream = daemon.address): Promise<number> {
  const port = await freePort();
  await boot(onLoopback(text, port, upstream));
  return port;
}

const withPlugin = (corefile: string, plugin: string): string =>
  corefile.replace('\n    errors', `\n    ${plugin}\n    errors`);

/** A service whose answers must not be kept at all: TTL 0. */
const fleeting = (name: string, clusterIP: string): object[] =>
  exported({ name, clusterIP, endpoints: ['10.10.1.81'], annotations: { 'causeway.dev/ttl': '0' } });

/** Seconds that CoreDNS goes on giving an answer, from the moment it first gave it. */
async function secondsKept(port: number, uncached: number, service: string): Promise<number> {
  const ask = `${service}.shop.svc.clusterset.local`;
  const expectAddress = async (at: number, address: string): Promise<void> => {
    expect(sortedData(await dig(at, ask))).toEqual([address]);
  };
  await mesh.write('east', `${service}.yaml`, fleeting(service, '10.10.0.81'));
  await eventually(() => expectAddress(uncached, '10.10.0.81'), 5_000);
  const asked = performance.now();
  await expectAddress(port, '10.10.0.81');
  await mesh.write('east', `${service}.yaml`, fleeting(service, '10.10.0.82'));
  await eventually(() => expectAddress(uncached, '10.10.0.82'), 4_000);
  await eventually(() => expectAddress(port, '10.10.0.82'), 20_000);
  return (performance.now() - asked) / 1000;
}

describe('cache', () => {
  test('without it, TTL 0 reaches the client; with it, the answer is kept for 5 s and says so', async () => {
    const text = await readStanza(stock);
    const [uncached, cached] = [await bootStanza(text), await bootStanza(withPlugin(text, 'cache 30'))];
    await mesh.write('east', 'brief.yaml', fleeting('brief', '10.10.0.80'));
    const ask = 'brief.shop.svc.clusterset.local';

    const plain = await eventually(async () => {
      const reply = await dig(uncached, ask);
      expect(reply.status).toBe('NOERROR');
      return reply;
    }, 5_000);
    expect(plain.answer).toMatchObject([{ ttl: 0, data: '10.10.0.80' }]);
    expect((await dig(cached, ask)).answer).toMatchObject([{ ttl: 5, data: '10.10.0.80' }]);
    expect(await secondsKept(cached, uncached, 'pinned')).toBeGreaterThanOrEqual(5);
  });

  test('a weighted service gets one cluster only while the cache holds it', async () => {
    const cached = await bootStanza(withPlugin(await readStanza(stock), 'cache 30'));
    expect((await dig(cached, 'payments.shop.svc.clusterset.local')).status).toBe('NOERROR');
    // Not cached, 200 draws all alike would be seen once in 10^19 runs.
    expect((await draw(cached, 'payments.shop.svc.clusterset.local', 200)).size).toBe(1);
  });

  test('the caps in the OpenShift stanza bring 5 s down to 1 s', async () => {
    const [uncached, capped] = [
      await bootStanza(await readStanza(stock)),
      await bootStanza(await readStanza(openShift)),
    ];
    const [answer] = (await dig(capped, 'payments.shop.svc.clusterset.local')).answer;
    expect(answer?.ttl).toBe(1);
    expect(await secondsKept(capped, uncached, 'capped')).toBeLessThan(5);
  });
});

describe('loop', () => {
  test('does no harm in front of the daemon, which asks nobody', async () => {
    const before = await daemon.queries('udp');
    const port = await bootStanza(withPlugin(await readStanza(stock), 'loop'));
    await eventually(async () => expect(await daemon.queries('udp')).toBeGreaterThan(before), 10_000);
    expect((await dig(port, 'metrics.platform.svc.clusterset.local')).status).toBe('NOERROR');
  });

  test('ends the whole CoreDNS when the address filled in is that of CoreDNS itself', async () => {
    const port = await freePort();
    const corefile = onLoopback(withPlugin(await readStanza(stock), 'loop'), port, `127.0.0.1:${port}`);
    const coreDns = await boot(corefile);
    await coreDns.untilPrinted(/Loop .* detected/);
  });
});

describe('bind', () => {
  test('the stanza loses the zone to ".:53" on an address it does not bind', async () => {
    const port = await freePort();
    const everywhere = `.:${port} {
    bind 127.0.0.1 127.0.0.2
    template ANY ANY {
        rcode REFUSED
    }
}
`;
    const stanza = onLoopback(await readStanza(stock), port, daemon.address);
    await boot(everywhere + stanza.replace('bind 127.0.0.1', 'bind 127.0.0.2'));
    expect((await dig(port, 'metrics.platform.svc.clusterset.local')).status).toBe('REFUSED');
    const onOther = await dig(port, '@127.0.0.2 metrics.platform.svc.clusterset.local');
    expect(onOther.status).toBe('NOERROR');
  });
});

describe('a kubernetes block that claims clusterset.local', () => {
  // No API server listens there: whatever this block answers, it is not the daemon's answer.
  const claiming = (port: number): string => `
.:${port} {
    bind 127.0.0.1
    kubernetes cluster.local clusterset.local {
        endpoint http://127.0.0.1:1
        multicluster clusterset.local
        startup_timeout 1s
    }
    forward . ${daemon.address}
}
`;

  test('keeps the zone from a forward in the same block', async () => {
    const port = await freePort();
    await boot(claiming(port));
    expect((await dig(port, 'metrics.platform.svc.clusterset.local')).status).toBe('SERVFAIL');
  });

  test('loses the zone to the stanza, whose block names it', async () => {
    const port = await freePort();
    await boot(claiming(port) + onLoopback(await readStanza(stock), port, daemon.address));
    expect(sortedData(await dig(port, 'metrics.platform.svc.clusterset.local'))).toEqual(['10.30.0.14']);
  });
});
