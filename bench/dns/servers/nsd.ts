import { findProgram } from '../programs.ts';
import { zoneFile } from '../zone.ts';
import type { DnsServer } from './server.ts';

/**
 * `minimal-responses`: without it every answer carries the NS records, which neither Knot DNS nor causeway
 * adds.
 */
export const nsd: DnsServer = {
  name: 'NSD',
  role: 'peer',
  answers: 'all',
  transports: ['udp', 'tcp'],
  locate: () => findProgram('nsd', 'apt-get install nsd'),
  versionArguments: ['-v'],
  prepare: (zone, { directory, port }) => ({
    files: {
      zone: zoneFile(zone),
      'nsd.conf': `server:
  ip-address: 127.0.0.1@${port}
  server-count: 1
  username: ""
  chroot: ""
  database: ""
  zonesdir: "${directory}"
  pidfile: "${directory}/nsd.pid"
  xfrdfile: "${directory}/xfrd.state"
  xfrdir: "${directory}"
  zonelistfile: "${directory}/zone.list"
  minimal-responses: yes
  answer-cookie: yes
remote-control:
  control-enable: no
zone:
  name: ${zone.origin}
  zonefile: zone
`,
    },
    arguments: ['-d', '-c', `${directory}/nsd.conf`],
  }),
};
