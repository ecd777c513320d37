import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { demandOf } from '../../src/kernel/first-look.ts';
import { keyIn, makeNextKey, nextKeyIn } from '../../src/kernel/private-key.ts';
import { Tunnels } from '../../src/kernel/tunnels.ts';
import { MARKS } from '../../src/routes/model.ts';
import { publicKey } from '../kit/kernel/nodes.ts';
import { TunnelHost, WEST, wanted } from '../kit/kernel/tunnel-host.ts';

const { detour } = MARKS.wireguard;

let host: TunnelHost;

beforeEach(async () => {
  host = await TunnelHost.of();
});

afterEach(() => host.remove());

describe('by which keys nodes are known on both devices, while theirs change', () => {
  const [NOW, NEXT] = [publicKey(41), publicKey(42)];
  const node = 'west w1 172.31.1.41 10.21.1.0/24';

  test.each([
    { row: 'none changes', nodes: WEST, is: [] },
    { row: 'one has announced its next key', nodes: `${node} key=${NOW} next=${NEXT}`, is: [NOW, NEXT] },
    { row: 'one has withdrawn its former key', nodes: `${node} next=${NEXT}`, is: [] },
    { row: 'one has taken its next key', nodes: `${node} key=${NEXT} next=${NEXT}`, is: [NEXT, NEXT] },
  ])('$row', ({ nodes, is: [now, next] }) => {
    const { elsewhere } = demandOf(wanted('Required', nodes));
    expect([elsewhere.get(now ?? ''), elsewhere.get(next ?? '')]).toEqual([next, now]);
    expect(demandOf(wanted('Off', nodes)).elsewhere.size).toBe(0);
  });
});

describe('another key', () => {
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    while (!(await holds())) {
      host.passed += 500;
      await new Promise(resolve => setTimeout(resolve, 10));
    }
  };
  const names = new Map<string | undefined, string>();
  const nameOf = (key: string | undefined): string => names.get(key) ?? 'none';
  /** What is published, and by which keys this node is known on its devices. */
  const told = async (): Promise<string> => {
    const { wireguardPublicKey: now, wireguardNextPublicKey: next } = host.tunnels.published;
    const own = await host.local();
    return `${nameOf(now)},${nameOf(next)} ${nameOf(own?.publicKey)},${nameOf(own?.nextPublicKey)} ${own?.answering.size}`;
  };

  /** What is told one after the other, until the change is over. */
  async function change(): Promise<string[]> {
    const seen: string[] = [];
    await until(async () => {
      const now = await told();
      if (now !== seen.at(-1)) seen.push(now);
      return host.said.at(-1) === 'done';
    });
    return seen;
  }

  test('published beside the old one, then instead of it; then it is the present one, and the detour goes', async () => {
    await host.adopted(1_700_000_000 - 60);
    await host.started();
    names
      .set((await keyIn(host.folder)).publicKey, 'old')
      .set((await makeNextKey(host.folder)).publicKey, 'new');
    // The next look may find the key before anything else is done here.
    const seen = (await change()).filter(one => one !== 'old,none old,none 1');
    expect(seen).toEqual([
      'old,new old,new 1',
      'old,new old,new 0',
      'none,new old,new 0',
      'new,new new,new 0',
      'new,none new,new 0',
      'new,none new,none 0',
    ]);
    expect(host.said).toEqual(['announced', 'leaving', 'withdrawn', 'returning', 'closing', 'done']);
    expect(host.changes).toBeGreaterThanOrEqual(5);
    expect(nameOf((await keyIn(host.folder)).publicKey)).toBe('new');
    expect(await nextKeyIn(host.folder)).toBeUndefined();
    expect(host.failures).toEqual([]);
  });

  test('a process that starts when the key was taken goes on from there', async () => {
    await host.adopted(1_700_000_000 - 60);
    await host.started();
    const next = await makeNextKey(host.folder);
    await until(() => host.said.at(-1) === 'returning');
    await host.tunnels.stop();
    host.said = [];
    host.tunnels = new Tunnels(host.options);
    const found = await host.started();
    expect([found?.publicKey, found?.nextPublicKey]).toEqual([next.publicKey, next.publicKey]);
    expect(host.tunnels.published.wireguardNextPublicKey).toBe(next.publicKey);
    await until(() => host.said.at(-1) === 'done');
    expect(host.said).toEqual(['returning', 'closing', 'done']);
  });

  test('a process that starts when it was announced goes on with it though another key changes, too', async () => {
    host.announced = (await makeNextKey(host.folder)).publicKey;
    await host.started(wanted('Required', `${WEST} next=${publicKey(42)}`));
    expect([host.said[0], host.tunnels.published.wireguardNextPublicKey]).toEqual([
      'announced',
      host.announced,
    ]);
  });

  test('while the key of another node changes it waits; the detour is looked at', async () => {
    const others = wanted('Required', `${WEST} next=${publicKey(42)}`);
    await host.started(others);
    await host.commands.run('wireguard-go', [detour.device]);
    await host.commands.run('wg', ['addconf', detour.device], `[Peer]\nPublicKey = ${publicKey(42)}\n`);
    const handshake = 1_700_000_000;
    host.commands.wireguard.traffic(detour.device, publicKey(42), { handshake, received: 1, sent: 1 });
    await vi.waitFor(async () =>
      expect((await host.local(others))?.answeringOnDetour).toEqual(new Set([publicKey(42)])),
    );
    await makeNextKey(host.folder);
    await vi.waitFor(() => expect(host.said).toEqual(['waiting']));
    expect(host.tunnels.published.wireguardNextPublicKey).toBeUndefined();
    await host.local();
    await vi.waitFor(() => expect(host.said).toEqual(['waiting', 'announced']));
  });
});
