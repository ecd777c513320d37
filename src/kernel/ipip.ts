import { listOf, text } from '../routes/json.ts';
import { ask } from './ask.ts';
import type { Commands } from './commands.ts';
import { tryDevice } from './probe-device.ts';

const NO_SUCH_DEVICES = 'this kernel has no IPIP devices';

/** Whether this host can have a device for IPv4 in IPv4. */
export class IPIP {
  readonly #commands: Commands;
  readonly #device: string;
  /** What does not change while the host runs. */
  #kernel: true | typeof NO_SUCH_DEVICES | undefined;

  /** @param device ours, which may be there already */
  constructor(commands: Commands, device: string) {
    this.#commands = commands;
    this.#device = device;
  }

  /**
   * Whether it can now, or why not. Where another has one in use, ours would take its packets away: the kernel gives
   * them to the device that has the address they came to. Network plugins make theirs when they like, after a reboot
   * later than we do, so that this has to be asked again and again.
   *
   * @throws CausewayError KERNEL_UNREADABLE where it cannot be seen which devices there are
   */
  async find(): Promise<true | string> {
    const inUse = await this.#inUse();
    const others = inUse.filter(name => name !== this.#device);
    if (others.length > 0) return `${others.join(', ')} of this host, which is not ours, takes these packets`;
    return inUse.length > 0 || (this.#kernel ?? (await this.#try()));
  }

  async #inUse(): Promise<string[]> {
    const devices = listOf(await ask(this.#commands, 'ip', ['-j', '-d', 'link', 'show', 'type', 'ipip']));
    return devices
      .filter(({ flags }) => Array.isArray(flags) && flags.includes('UP'))
      .map(({ ifname }) => text(ifname));
  }

  async #try(): Promise<true | string> {
    const { code, errors } = await tryDevice(this.#commands, 'ipip', 'local', '127.0.0.1');
    if (code === 0) this.#kernel = true;
    else if (/Unknown device type|not supported/.test(errors)) this.#kernel = NO_SUCH_DEVICES;
    return this.#kernel ?? `this host makes no IPIP device: ${errors.trim()}`;
  }
}
