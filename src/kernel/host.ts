import { readFile } from 'node:fs/promises';
import { type Host, readDevices, readGateways, readNameServers } from '../routes/host.ts';
import { ask, NO_FAMILY } from './ask.ts';
import type { Commands } from './commands.ts';

/** The main table, where the way to everything else stands. */
const MAIN = '254';

/**
 * What there is on the host now.
 * @throws CausewayError KERNEL_UNREADABLE
 */
export async function readHost(commands: Commands, resolvConf = '/etc/resolv.conf'): Promise<Host> {
  const gateways = (family: '-4' | '-6') =>
    ask(
      commands,
      'ip',
      ['-N', '-j', family, 'route', 'show', 'default', 'table', MAIN],
      NO_FAMILY,
      'FIB table does not exist',
    );
  const [addresses, gateways4, gateways6, file] = await Promise.all([
    ask(commands, 'ip', ['-N', '-j', 'address', 'show']),
    gateways('-4'),
    gateways('-6'),
    // A host without the file has no name servers.
    readFile(resolvConf, 'utf8').catch(() => ''),
  ]);
  return {
    devices: readDevices(addresses),
    gateways: [...readGateways(gateways4), ...readGateways(gateways6)],
    nameServers: readNameServers(file),
  };
}
