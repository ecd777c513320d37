import { sameData } from './equal.ts';
import { compareText } from './export.ts';
import type { FamilyAgreement } from './families.ts';
import type { Conflict, ConflictReason, ExportedService } from './model.ts';

/** A field in which the exports of a service must agree. */
interface Field {
  readonly reason: ConflictReason;
  /** Where it stands in the Service or the ServiceExport. */
  readonly path: string;
  /** What is compared, free of what may differ without meaning (order, defaults). Undefined: has no say. */
  value(exported: ExportedService): unknown;
  /** What holds, where that is not simply the winner's value. */
  outcome?(agreement: FamilyAgreement): string;
}

/** One line per field, in the order in which conflicts are told. */
const FIELDS: readonly Field[] = [
  { reason: 'TypeConflict', path: 'type', value: it => it.type },
  { reason: 'PortConflict', path: 'spec.ports', value: portSet, outcome: uniteOutcome },
  { reason: 'IPFamilyConflict', path: 'spec.ipFamilies', value: familySet, outcome: familyOutcome },
  { reason: 'SessionAffinityConflict', path: 'spec.sessionAffinity', value: it => it.sessionAffinity },
  {
    reason: 'SessionAffinityConfigConflict',
    path: 'spec.sessionAffinityConfig.clientIP.timeoutSeconds',
    value: it => it.sessionAffinityTimeoutSeconds ?? 'none',
  },
  {
    reason: 'InternalTrafficPolicyConflict',
    path: 'spec.internalTrafficPolicy',
    value: it => it.internalTrafficPolicy ?? 'Cluster',
  },
  {
    reason: 'TrafficDistributionConflict',
    path: 'spec.trafficDistribution',
    value: it => it.trafficDistribution ?? 'none',
  },
  { reason: 'LabelsConflict', path: 'spec.exportedLabels', value: it => it.labels },
  { reason: 'AnnotationsConflict', path: 'spec.exportedAnnotations', value: it => it.annotations },
  { reason: 'AffinityConflict', path: 'causeway.dev/affinity', value: it => it.traffic.affinity },
  { reason: 'BackendsConflict', path: 'causeway.dev/backends', value: it => it.traffic.backends },
  { reason: 'TTLConflict', path: 'causeway.dev/ttl', value: it => it.traffic.ttl },
];

/** Every field in which the exports of one service differ. They must come in the order of precedence. */
export function findConflicts(exports: readonly ExportedService[], agreement: FamilyAgreement): Conflict[] {
  if (exports.length < 2) return [];
  return FIELDS.flatMap(field => {
    const winner = exports.find(exported => field.value(exported) !== undefined);
    if (winner === undefined) return [];
    const held = field.value(winner);
    const losers = exports
      .filter(exported => !sameData(field.value(exported) ?? held, held))
      .map(exported => exported.cluster)
      .sort(compareText);
    if (losers.length === 0) return [];
    const outcome = field.outcome?.(agreement) ?? holds(held);
    const { reason, path } = field;
    const message =
      `${path}: ${losers.length} of ${exports.length} exports (${losers.join(', ')}) ` +
      `disagree with cluster ${winner.cluster}, the oldest that sets it; ${outcome}`;
    return {
      namespace: winner.namespace,
      name: winner.name,
      reason,
      message,
      winner: winner.cluster,
      losers,
    };
  });
}

function portSet({ ports }: ExportedService): string[] {
  return ports.map(port => `${port.name} ${port.protocol}/${port.port} ${port.appProtocol ?? ''}`).sort();
}

function uniteOutcome(): string {
  return (
    'the ports of all are united, and where two clash the one of the older export holds; ' +
    'a cluster serves only those of its ports that hold, and gets no traffic if none does'
  );
}

function familySet({ ipFamilies }: ExportedService): string[] | undefined {
  return ipFamilies.length === 0 ? undefined : [...ipFamilies].sort();
}

function familyOutcome({ families, excluded }: FamilyAgreement): string {
  const common = `${families.join(', ')} holds, which is what they have in common`;
  if (excluded.length === 0) return common;
  return `${common}; left out for having none of it: ${excluded.map(it => it.cluster).join(', ')}`;
}

/** Maps can be long, and each side has its own at hand. */
function holds(value: unknown): string {
  return typeof value === 'object' ? 'its whole map holds' : `its value holds (${value})`;
}
