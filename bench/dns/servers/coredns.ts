import { existsSync } from 'node:fs';
import { coreDnsPath, ensureCoreDns } from '../../../test/e2e/kit/coredns-build.ts';
import { findProgram } from '../programs.ts';
import { zoneFile } from '../zone.ts';
import type { DnsServer } from './server.ts';

/** `minimal`: without it every answer carries the NS records, which neither Knot DNS nor causeway adds. */
export const coredns: DnsServer = {
  name: 'CoreDNS',
  role: 'peer',
  answers: 'all',
  transports: ['udp', 'tcp'],
  locate: async () => {
    if (!existsSync(coreDnsPath())) findProgram('go', 'https://go.dev/dl (it builds CoreDNS)');
    await ensureCoreDns();
    return coreDnsPath();
  },
  versionArguments: ['-version'],
  prepare: (zone, { directory, port }) => ({
    files: {
      zone: zoneFile(zone),
      Corefile: `${zone.origin}:${port} {
  bind 127.0.0.1
  minimal
  file ${directory}/zone {
    reload 0
  }
}
`,
    },
    arguments: ['-conf', `${directory}/Corefile`],
    environment: { GOMAXPROCS: '1' },
  }),
};
