import type { Commands, Outcome } from '../../../src/kernel/commands.ts';
import type { Netlink } from '../../../src/kernel/netlink.ts';
import type { Sysctls } from '../../../src/kernel/sysctls.ts';
import { MARKS } from '../../../src/routes/model.ts';
import { FakeBird } from './fake-bird.ts';
import { listed, takeLine, wayTo } from './fake-ip.ts';
import { FakeNetlink } from './fake-netlink.ts';
import { FakeNetwork, type Family, Refused } from './fake-network.ts';
import { FakeNft } from './fake-nft.ts';
import { FakeWireGuard } from './fake-wireguard.ts';
import type { Place } from './world.ts';

/** The programs of iproute2, nftables and BIRD on a network that is only values. */
export class FakeCommands implements Commands {
  readonly network = new FakeNetwork();
  readonly nft = new FakeNft();
  readonly bird = new FakeBird(this.network);
  readonly wireguard = new FakeWireGuard(this.network);
  readonly netlink: Netlink = new FakeNetlink(this.network, this.nft);

  readonly sysctls: Sysctls = {
    read: async path => this.network.sysctls.get(path),
    write: async (path, value) => {
      if (!this.network.sysctls.has(path)) throw new Error(`ENOENT: ${path}`);
      this.network.sysctls.set(path, value);
    },
  };

  async run(program: string, args: readonly string[], input = ''): Promise<Outcome> {
    try {
      if (program === 'bird') return this.bird.start(args);
      if (program === 'birdc') return this.bird.ask(args);
      if (program === 'wg') return { code: 0, output: this.wireguard.run(args, input), errors: '' };
      if (args.includes('-batch')) return this.#batch(args, input);
      return { code: 0, output: JSON.stringify(this.#answer(program, args, input)), errors: '' };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return { code: 1, output: '', errors: error.message };
    }
  }

  #answer(program: string, args: readonly string[], input: string): unknown {
    // Of a socket that nobody listens on.
    if (program === 'rm') return [];
    if (program === 'wireguard-go') {
      this.wireguard.start(args[0] ?? '');
      return [];
    }
    if (program !== 'nft' && !args.includes('-j')) {
      takeLine(this.network, args.join(' '));
      return [];
    }
    if (program !== 'nft') {
      const family = args.find((one): one is Family => one === '-4' || one === '-6');
      const words = args.filter(one => !one.startsWith('-'));
      return listed(this.network, family, words);
    }
    if (args.includes('list')) return this.nft.list(args.at(-1) ?? '');
    this.nft.transact(input);
    return [];
  }

  #batch(args: readonly string[], input: string): Outcome {
    const family = args.includes('-6') ? '-6 ' : '';
    const errors: string[] = [];
    const output: string[] = [];
    for (const [index, line] of input.split('\n').entries()) {
      if (line.trim() === '') continue;
      try {
        // An option in a line is none that a batch understands.
        if (line.startsWith('-'))
          throw new Refused(`Object "${line.split(' ')[0]}" is unknown, try "ip help".`);
        if (line.startsWith('route get ')) output.push(wayTo(this.network, line.slice('route get '.length)));
        else takeLine(this.network, `${family}${line}`);
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        errors.push(error.message, `Command failed -:${index + 1}`);
      }
    }
    return { code: errors.length === 0 ? 0 : 1, output: output.join('\n'), errors: errors.join('\n') };
  }
}

/** A network namespace that is only values. */
export function fakePlace(commands = new FakeCommands()): Place {
  return {
    commands,
    netlink: commands.netlink,
    sysctls: commands.sysctls,
    killTunnel: async (device = MARKS.wireguard.device) => commands.wireguard.kill(device),
    remove: async () => {},
  };
}
