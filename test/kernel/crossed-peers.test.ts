import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { keyFilesIn, makeNextKey } from '../../src/kernel/private-key.ts';
import { WireGuard } from '../../src/kernel/wireguard.ts';
import { MARKS } from '../../src/routes/model.ts';
import { TunnelHost } from '../kit/kernel/tunnel-host.ts';

const { device, detour } = MARKS.wireguard;
/** Base64 goes from `+` to `z`, so the key of this node is in between. */
const [SMALLER, LARGER] = ['+', 'z'].map(letter =>
  Buffer.from(letter.repeat(43), 'base64').toString('base64'),
) as [string, string];

let host: TunnelHost;

beforeEach(async () => {
  host = await TunnelHost.of();
});

afterEach(() => host.remove());

/** A device on which both are peers. */
async function made(on = device): Promise<void> {
  await host.commands.run('wireguard-go', [on]);
  const peers = [SMALLER, LARGER].map(
    (key, index) => `[Peer]
PublicKey = ${key}
Endpoint = 172.31.1.4${index}:51895
AllowedIPs = 10.21.${index}.0/24
PersistentKeepalive = 5
`,
  );
  await host.commands.run('wg', ['addconf', on], peers.join('\n'));
}

/** Both peers ask, twice, and there is no session. */
async function crossed(on = device): Promise<void> {
  for (const octets of [1, 148]) {
    for (const key of [SMALLER, LARGER])
      host.commands.wireguard.traffic(on, key, { handshake: 0, received: octets, sent: octets });
    const received = (): number | undefined => host.tunnels.judged.get(on)?.get(LARGER)?.traffic.received;
    await vi.waitFor(() => expect(received()).toBe(octets));
  }
}

async function peersOn(on = device): Promise<string[]> {
  const { output } = await host.commands.run('wg', ['show', on, 'dump']);
  return output.split('\n').slice(1, -1).sort();
}

const AS_IT_WAS = `${LARGER}\t(none)\t172.31.1.41:51895\t10.21.1.0/24\t0\t148\t148\t5`;

test('those with a smaller key than this node begin anew, as they were', async () => {
  await host.started();
  await made();
  await crossed();
  await vi.waitFor(async () =>
    expect(await peersOn()).toEqual([
      `${SMALLER}\t(none)\t172.31.1.40:51895\t10.21.0.0/24\t0\t0\t0\t5`,
      AS_IT_WAS,
    ]),
  );
  expect(host.renewed).toEqual([`${SMALLER} on ${device}`]);
  expect(host.failures).toEqual([]);
});

test('on the second device as well, while a key changes', async () => {
  await host.started();
  await makeNextKey(host.folder);
  await made(detour.device);
  await crossed(detour.device);
  await vi.waitFor(() => expect(host.renewed).toEqual([`${SMALLER} on ${detour.device}`]));
});

test('one that is not put back is told of, and the keeper looks after it', async () => {
  await host.started();
  await made();
  const run = host.commands.run.bind(host.commands);
  host.commands.run = async (program, args, input) =>
    args[0] === 'addconf' ? { code: 1, output: '', errors: 'no room' } : run(program, args, input);
  const before = host.changes;
  await crossed();
  await vi.waitFor(() => expect(host.failures.map(String)).toEqual([`Error: wg addconf ${device}: no room`]));
  await vi.waitFor(() => expect(host.changes).toBe(before + 1));
  expect(await peersOn()).toEqual([AS_IT_WAS]);
});

test('who is not there is not put there, and where the device does not answer nothing is taken away', async () => {
  await made();
  const wireguard = new WireGuard(host.commands, device, keyFilesIn(host.folder));
  const before = await peersOn();
  expect(await wireguard.renew(new Set(['elsewhere']))).toEqual([]);
  expect(await peersOn()).toEqual(before);
  const run = host.commands.run.bind(host.commands);
  host.commands.run = async (program, args, input) =>
    args[0] === 'show' ? { code: 1, output: '', errors: '' } : run(program, args, input);
  expect(await wireguard.renew(new Set([SMALLER]))).toEqual([]);
  host.commands.run = run;
  expect(await peersOn()).toEqual(before);
});

test('one that is taken away meanwhile stays away', async () => {
  await made();
  const wireguard = new WireGuard(host.commands, device, keyFilesIn(host.folder));
  await Promise.all([
    wireguard.renew(new Set([SMALLER])),
    wireguard.carryOut({ program: 'wg remove', device, publicKeys: [SMALLER] }),
  ]);
  expect((await peersOn()).map(line => line.split('\t')[0])).toEqual([LARGER]);
});
