import { findProgram } from '../programs.ts';
import { zoneFile } from '../zone.ts';
import type { DnsServer } from './server.ts';

export const knot: DnsServer = {
  name: 'Knot DNS',
  role: 'peer',
  answers: 'all',
  transports: ['udp', 'tcp'],
  locate: () => findProgram('knotd', 'apt-get install knot'),
  versionArguments: ['-V'],
  prepare: (zone, { directory, port }) => ({
    files: {
      zone: zoneFile(zone),
      'knot.conf': `server:
    listen: 127.0.0.1@${port}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    rundir: ${directory}
database:
    storage: ${directory}
log:
  - target: stderr
    any: warning
zone:
  - domain: ${zone.origin}
    storage: ${directory}
    file: zone
    zonefile-sync: -1
    journal-content: none
`,
    },
    arguments: ['-c', `${directory}/knot.conf`],
  }),
};
