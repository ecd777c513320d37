import * as v from 'valibot';
import { isClusterId } from '../base/name.ts';
import { usableAddresses } from './addresses.ts';
import { boundedListOf, isMapping, text } from './fields.ts';
import { TRAFFIC } from './names.ts';
import { type Problems, show } from './problem.ts';
import { MOST_LOAD_BALANCER_IPS } from './service.ts';
import type { ImportClusterTraffic, ImportTraffic } from './shapes.ts';
import { readTrafficFields } from './traffic.ts';

/** All annotations of an object may have 256 KiB together. */
const LONGEST = 262_144;

const addresses = v.object({
  clusterIPs: boundedListOf(text, 2),
  loadBalancerIPs: boundedListOf(text, MOST_LOAD_BALANCER_IPS),
});

/**
 * The annotation `causeway.dev/traffic` of a ServiceImport. Without it, or with junk in it, every setting is absent.
 */
export function readImportTraffic(found: unknown, problems: Problems): ImportTraffic {
  if (found === undefined || found === null) return {};
  const field = `metadata.annotations["${TRAFFIC}"]`;
  const raw = typeof found === 'string' && found.length <= LONGEST ? parse(found) : undefined;
  if (!isMapping(raw)) {
    problems.warn(field, `found ${show(found)}: must be a mapping as JSON; it is ignored`);
    return {};
  }
  // An import as a whole has no weight: weights are its clusters'.
  const { weight: _weight, ...settings } = readTrafficFields(raw, field, problems);
  const clusters = readClusters(raw['clusters'], `${field}.clusters`, problems);
  return { ...settings, ...(clusters === undefined ? {} : { clusters }) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readClusters(raw: unknown, field: string, problems: Problems): ImportTraffic['clusters'] {
  if (raw === undefined || raw === null) return undefined;
  if (!isMapping(raw)) return problems.warn(field, `found ${show(raw)}: must be a mapping; it is ignored`);
  const read = Object.entries(raw).flatMap(([cluster, settings]) => {
    const place = `${field}[${show(cluster)}]`;
    if (isClusterId(cluster)) return [[cluster, readCluster(settings, place, problems)] as const];
    problems.warn(place, 'is not the id of a cluster; it is ignored');
    return [];
  });
  return Object.fromEntries(read);
}

function readCluster(raw: unknown, field: string, problems: Problems): ImportClusterTraffic {
  const { weight } = readTrafficFields(raw, field, problems);
  const { success, output } = v.safeParse(addresses, raw);
  if (!success) problems.warn(field, `found ${show(raw)}: its addresses must be lists; they are ignored`);
  const { clusterIPs, loadBalancerIPs } = success ? output : {};
  return {
    ...(weight === undefined ? {} : { weight }),
    ...(clusterIPs ? { clusterIPs: usableAddresses(clusterIPs, `${field}.clusterIPs`, problems) } : {}),
    ...(loadBalancerIPs
      ? { loadBalancerIPs: usableAddresses(loadBalancerIPs, `${field}.loadBalancerIPs`, problems) }
      : {}),
  };
}
