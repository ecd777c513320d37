import { LONGEST_SELECTOR } from '../base/selector/cursor.ts';
import { type Annotation, affinityOf, presentName, readAnnotation, trueOrFalse } from './annotations.ts';
import type { Problems } from './problem.ts';
import type { ServiceIntent } from './shapes.ts';

const GLOBAL = trueOrFalse(
  ['service.cilium.io/global', 'io.cilium/global-service'],
  'the Service stays a local one',
);
/**
 * Whoever sets this at all mostly wants to keep something back, so nonsense gives nothing away (nor does it in Cilium).
 */
const SHARED = trueOrFalse(
  ['service.cilium.io/shared', 'io.cilium/shared-service'],
  'the Service is not shared with other clusters',
);
const AFFINITY = affinityOf(['service.cilium.io/affinity', 'io.cilium/service-affinity']);
const SYNC_SLICES = trueOrFalse(
  ['service.cilium.io/global-sync-endpoint-slices'],
  'a headless Service takes part',
);
const FEDERATION: Annotation<string> = {
  names: ['federation.tigera.io/serviceSelector'],
  must: `a selector of at most ${LONGEST_SELECTOR} characters`,
  otherwise: 'the Service is not federated',
  parse: text => (text.length <= LONGEST_SELECTOR ? text : undefined),
};

/**
 * Reads what the annotations of a Service ask for, with the names and defaults that Cilium and Calico give them.
 * Nonsense is a warning. Whether the selector can be parsed is for those to say who use it.
 */
export function readIntent(
  annotations: Readonly<Record<string, unknown>>,
  problems: Problems,
): ServiceIntent {
  const global = readAnnotation(GLOBAL, annotations, problems) ?? false;
  const shared = readAnnotation(SHARED, annotations, problems);
  const federationSelector = readAnnotation(FEDERATION, annotations, problems);
  return {
    global,
    // Alone, without `global`, `shared` says nothing.
    shared: global && (shared ?? presentName(SHARED, annotations) === undefined),
    affinity: readAnnotation(AFFINITY, annotations, problems) ?? 'none',
    syncEndpointSlices: readAnnotation(SYNC_SLICES, annotations, problems) ?? true,
    ...(federationSelector === undefined ? {} : { federationSelector }),
  };
}
