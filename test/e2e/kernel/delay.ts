import { openSync, read, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import koffi from 'koffi';

/**
 * A link over a long way, where the kernel cannot make one itself (netem): a device that gives every packet back to the
 * host after so many milliseconds. `ready` when it is there; it goes with the process.
 */
const [device = '', milliseconds = ''] = process.argv.slice(2);
/** linux/if_tun.h: TUNSETIFF, and IFF_TUN | IFF_NO_PI. */
const TUNSETIFF = 0x400454ca;
const FLAGS = 0x1001;
/** `struct ifreq`: a name, and what is asked for. */
const REQUEST = { length: 40, flags: 16 };
const LARGEST = 65_535;

const tun = openSync('/dev/net/tun', 'r+');
const request = Buffer.alloc(REQUEST.length);
request.write(device, 'latin1');
request.writeUInt16LE(FLAGS, REQUEST.flags);
const ioctl = koffi.load(null).func('int ioctl(int, unsigned long, void *)');
if (ioctl(tun, TUNSETIFF, request) !== 0) throw new Error(`TUNSETIFF ${device}: errno ${koffi.errno()}`);
console.log('ready');

const receive = promisify(read);
for (;;) {
  const { bytesRead, buffer } = await receive(tun, Buffer.alloc(LARGEST), 0, LARGEST, null);
  setTimeout(() => writeSync(tun, buffer, 0, bytesRead), Number(milliseconds));
}
