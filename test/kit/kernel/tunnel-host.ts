import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Wanted } from '../../../src/kernel/keeper.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { keyFilesIn } from '../../../src/kernel/private-key.ts';
import { Tunnels, type TunnelsOptions } from '../../../src/kernel/tunnels.ts';
import type { Encryption } from '../../../src/objects/shapes.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { type LocalWireGuard, MARKS } from '../../../src/routes/model.ts';
import { FakeCommands, fakePlace } from './fake-commands.ts';
import { EAST, nodesOf, policies, publicKey } from './nodes.ts';

const { device } = MARKS.wireguard;
export const PEER = publicKey(41);
export const WEST = `west w1 172.31.1.41 10.21.1.0/24 key=${PEER}`;

/** The tunnels of a node on a network of values, and what they do. */
export class TunnelHost {
  readonly folder: string;
  readonly commands = new FakeCommands();
  readonly options: TunnelsOptions;
  tunnels: Tunnels;
  changes = 0;
  readonly failures: unknown[] = [];
  announced: string | undefined;
  /** Milliseconds that the test has let pass. */
  passed = 0;
  /** What the tunnels have said of themselves. */
  said: string[] = [];
  /** Peers that began anew. */
  readonly renewed: string[] = [];
  /** Programs of WireGuard's, and attempts to make devices, that have been run. */
  readonly ran: string[] = [];

  private constructor(folder: string) {
    this.folder = folder;
    const { commands } = this;
    const run = commands.run.bind(commands);
    commands.run = (program, args, input) => {
      if (/^(wg|wireguard-go)$/.test(program) || args.includes('add'))
        this.ran.push(`${program} ${args.join(' ')}`);
      return run(program, args, input);
    };
    this.options = {
      commands,
      kernel: new Kernel({ ...fakePlace(commands), marks: MARKS, keyFileOf: keyFilesIn(folder) }),
      marks: MARKS,
      folder,
      // Ticks are real; what they are told of the time is ours.
      clock: { now: () => this.passed, after: (_, callback) => systemClock.after(5, callback) },
      unixSeconds: () => 1_700_000_000 + this.passed / 1_000,
      announced: () => this.announced,
      changed: () => {
        this.changes += 1;
      },
      stepped: phase => this.said.push(phase),
      renewed: (on, keys) => this.renewed.push(...Array.from(keys, key => `${key} on ${on}`)),
      failed: reason => this.failures.push(reason),
    };
    this.tunnels = new Tunnels(this.options);
  }

  static async of(): Promise<TunnelHost> {
    return new TunnelHost(await mkdtemp(join(tmpdir(), 'causeway-tunnels-')));
  }

  async remove(): Promise<void> {
    await this.tunnels.stop();
    await rm(this.folder, { recursive: true });
  }

  async local(asked = wanted()): Promise<LocalWireGuard | undefined> {
    return (await this.tunnels.of(asked)).local.wireguard;
  }

  async started(asked = wanted()): Promise<LocalWireGuard | undefined> {
    await this.tunnels.start();
    return this.local(asked);
  }

  /** A device with a peer, as an agent before this one has left it. @param by where it has led its packets */
  async adopted(handshake: number, by = device): Promise<void> {
    const { commands } = this;
    const { table } = MARKS;
    await commands.run('wireguard-go', [device]);
    await commands.run('ip', ['link', 'set', device, 'up']);
    await commands.run('ip', ['link', 'add', 'eth0', 'type', 'veth']);
    await commands.run('ip', ['link', 'set', 'eth0', 'up']);
    await commands.run('ip', `route replace 10.21.1.0/24 dev ${by} proto 205 table ${table}`.split(' '));
    const configuration = `[Peer]\nPublicKey = ${PEER}\nAllowedIPs = 10.21.1.0/24\n`;
    await commands.run('wg', ['addconf', device], configuration);
    commands.wireguard.traffic(device, PEER, { handshake, received: 1, sent: 1 });
  }
}

/** What is asked of the tunnels. */
export function wanted(encryption: Encryption = 'Preferred', nodes = WEST): Wanted {
  const clusters = new Set(['west']);
  return {
    local: EAST,
    nodes: nodesOf(nodes),
    policies: policies({ west: ['vxlan'] }, { west: encryption }),
    synced: clusters,
    released: new Set(),
  };
}
