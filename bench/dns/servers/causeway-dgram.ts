import { headlessMesh } from '../mesh.ts';
import { causeway, launchCauseway } from './causeway.ts';
import type { DnsServer } from './server.ts';

/** The same daemon where datagrams cannot be read and written in batches. */
export const causewayDgram: DnsServer = {
  ...causeway,
  name: 'causeway, dgram',
  role: 'variant',
  transports: ['udp'],
  prepare: (zone, place) => launchCauseway(headlessMesh(zone), place, { '--udp-transport': 'dgram' }),
};
