import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { ensureCoreDns } from './kit/coredns-build.ts';
import { clusterTools, ensureTools } from './kit/go-tools.ts';
import { goIntoOwnNetwork } from './kit/own-network.ts';

// npm run e2e [-- OPTIONS AND FILES OF VITEST]
await ensureCoreDns();
await ensureTools(clusterTools);
// A bed that stays listens on the loopback device of the machine.
if (process.env['CAUSEWAY_BED'] === undefined) await goIntoOwnNetwork('npm run e2e');
const config = join(import.meta.dirname, 'vitest.config.ts');
const vitest = spawn('vitest', ['run', '--config', config, ...process.argv.slice(2)], { stdio: 'inherit' });
process.on('SIGINT', () => {});
process.on('SIGTERM', () => vitest.kill('SIGTERM'));
const [code] = await once(vitest, 'close');
process.exitCode = code ?? 1;
