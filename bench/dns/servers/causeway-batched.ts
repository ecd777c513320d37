import { headlessMesh } from '../mesh.ts';
import { causeway, launchCauseway } from './causeway.ts';
import type { DnsServer } from './server.ts';

/** The same daemon, with datagrams read and written in batches. */
export const causewayBatched: DnsServer = {
  ...causeway,
  name: 'causeway, batched',
  role: 'variant',
  transports: ['udp'],
  prepare: (zone, place) => launchCauseway(headlessMesh(zone), place, { '--udp-transport': 'batched' }),
};
