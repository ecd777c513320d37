import { objectKey } from '../base/name.ts';
import type { Conflict } from '../mesh/model.ts';
import { PARTLY_IGNORED } from '../objects/names.ts';
import type { ServiceExportObject } from '../objects/shapes.ts';
import { mergeConditions, type WantedCondition } from './conditions.ts';
import { statusFingerprintOf } from './fingerprint.ts';
import type { DesiredStatus, PlanTools, ServiceView } from './model.ts';

/** The status of the local ServiceExport; undefined: there is none. */
export function planExportStatus(view: ServiceView, tools: PlanTools): DesiredStatus | undefined {
  if (view.serviceExport === undefined) return undefined;
  const { namespace, name } = view;
  const wanted = [...wantedConditions(view), ...partlyIgnored(view.serviceExport)];
  const conditions = mergeConditions(wanted, view.exportConditions, tools.now);
  const status = { conditions };
  const fingerprint = statusFingerprintOf('ServiceExport', { status }, tools.sha256);
  return { kind: 'ServiceExport', namespace, name, status, fingerprint };
}

/** An invalid export takes no part in the service, so it has no `Conflict` either. */
function wantedConditions(view: ServiceView): readonly WantedCondition[] {
  const { invalid } = view;
  if (invalid !== undefined) {
    return [
      { type: 'Valid', status: 'False', reason: invalid.reason, message: invalid.message },
      { type: 'Ready', status: 'False', reason: 'Pending', message: 'nothing is exported until it is valid' },
    ];
  }
  const message = `Service ${objectKey(view.namespace, view.name)} can be exported`;
  return [
    { type: 'Valid', status: 'True', reason: 'Valid', message },
    readiness(view),
    conflict(view.conflicts),
  ];
}

function readiness({ publishFault, publishIn, localCluster }: ServiceView): WantedCondition {
  if (publishFault !== undefined) {
    return { type: 'Ready', status: 'False', reason: 'Failed', message: publishFault };
  }
  if (publishIn.length === 0) {
    return { type: 'Ready', status: 'False', reason: 'Pending', message: 'it is published nowhere yet' };
  }
  const message = `cluster ${localCluster} publishes it in ${publishIn.join(', ')}`;
  return { type: 'Ready', status: 'True', reason: 'Ready', message };
}

/** Only where there is something to mend: a condition on every export would be written for nothing. */
function partlyIgnored({ ignored = [] }: ServiceExportObject): readonly WantedCondition[] {
  if (ignored.length === 0) return [];
  return [{ type: PARTLY_IGNORED, status: 'True', reason: 'InvalidValue', message: ignored.join('; ') }];
}

/** On every export of the service, the winner's too: its owner may be the one who has to give way (KEP-1645). */
function conflict(conflicts: readonly Conflict[]): WantedCondition {
  if (conflicts.length === 0) {
    return { type: 'Conflict', status: 'False', reason: 'NoConflicts', message: 'all exports agree' };
  }
  const reason = [...new Set(conflicts.map(each => each.reason))].join(',');
  const message = conflicts.map(each => each.message).join('; ');
  return { type: 'Conflict', status: 'True', reason, message };
}
