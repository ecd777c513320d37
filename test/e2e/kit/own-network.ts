import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const MARK = 'CAUSEWAY_OWN_NETWORK';

/**
 * Goes on in a network namespace of its own, which has nothing but a loopback device, by starting this very program
 * anew in there; out here it ends as that one does. Commands under test try addresses that a cluster names, and those
 * of the beds are private ones: on the machine's own network they would be somebody else's.
 *
 * @param what who asks, for the message where the right is missing
 */
export async function goIntoOwnNetwork(what: string): Promise<void> {
  if (process.env[MARK] !== undefined) {
    spawnSync('ip', ['link', 'set', 'lo', 'up'], { stdio: 'inherit' });
    return;
  }
  if (!mayMakeNetworks())
    throw new Error(
      `${what} needs root on Linux with iproute2: it runs in a network namespace of its own, so that nothing it tries leaves the machine`,
    );
  const words = ['--net', '--', process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('unshare', words, { stdio: 'inherit', env: { ...process.env, [MARK]: 'yes' } });
  // A terminal's Ctrl-C reaches both; who ends this one by its id means the other one.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = await once(child, 'close');
  process.exit(code ?? 1);
}

function mayMakeNetworks(): boolean {
  const { status } = spawnSync('unshare', ['--net', '--', 'ip', 'link', 'set', 'lo', 'up'], {
    stdio: 'ignore',
  });
  return status === 0;
}
