import { fileURLToPath } from 'node:url';
import { headlessMesh, type MeshFiles } from '../mesh.ts';
import type { DnsServer, Launch, Place } from './server.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.js', import.meta.url));

export const causeway: DnsServer = {
  name: 'causeway',
  role: 'subject',
  answers: 'all',
  transports: ['udp', 'tcp'],
  locate: () => process.execPath,
  versionArguments: [MAIN, '--version'],
  prepare: (zone, place) => launchCauseway(headlessMesh(zone), place),
};

/** The daemon as a user starts it, every setting but the addresses and the log level at its default. */
export function launchCauseway(
  mesh: MeshFiles,
  { directory, port, httpPort }: Place,
  more: Readonly<Record<string, string>> = {},
): Launch {
  const files = Object.entries(mesh).map(([path, text]) => [`mesh/${path}`, text]);
  const settings = {
    '--source': `directory:${directory}/mesh`,
    '--listen': `127.0.0.1:${port}`,
    '--http-listen': `127.0.0.1:${httpPort}`,
    '--log-level': 'warn',
    ...more,
  };
  return { files: Object.fromEntries(files), arguments: [MAIN, 'dns', ...Object.entries(settings).flat()] };
}
