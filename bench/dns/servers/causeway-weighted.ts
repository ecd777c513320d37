import { weightedMesh } from '../mesh.ts';
import { causeway, launchCauseway } from './causeway.ts';
import type { DnsServer } from './server.ts';

/** What the peers' zone files cannot say: a cluster drawn by weight for every query. */
export const causewayWeighted: DnsServer = {
  ...causeway,
  name: 'causeway, weighted',
  role: 'variant',
  answers: 'one',
  prepare: (zone, place) => launchCauseway(weightedMesh(zone), place),
};
