import { exportTroubles } from '../health/exports.ts';
import { PARTLY_IGNORED } from '../objects/names.ts';
import { family } from './family.ts';
import { leaderOf } from './leader.ts';

const checks = {
  'exports.conflict': 'all clusters that export a service say the same of it',
  'exports.invalid': 'what this cluster exports is there, and can be exported',
  'exports.unready': 'every export is published for the clusters that it is meant for',
  'exports.ignored': 'everything that exports ask for can be read',
} as const;

const CODES = {
  'exports.conflict': 'EXPORTS_CONFLICT',
  'exports.invalid': 'EXPORTS_INVALID',
  'exports.unready': 'EXPORTS_UNREADY',
  'exports.ignored': 'EXPORTS_IGNORED',
} as const;

export const exports = family({
  name: 'exports',
  about: 'what the leading controller in each cluster says of the exports',
  checks,
  messages: {
    EXPORTS_CONFLICT: {
      check: 'exports.conflict',
      verdict: 'warning',
      found: 'clusters disagree, {count}: {named}',
      cause: 'Clusters export the service with other ports, another type or another intent.',
      cure: 'Make the exports agree. Until then the oldest one holds.',
    },
    EXPORTS_INVALID: {
      check: 'exports.invalid',
      verdict: 'warning',
      found: 'exported by no means, {count}: {named}',
      cause: 'There is no such Service, or it is of a type that cannot be exported.',
      cure: 'Do what the message says; it is that of the condition Valid of the ServiceExport.',
    },
    EXPORTS_UNREADY: {
      check: 'exports.unready',
      verdict: 'warning',
      found: 'not exported to all that should get it, {count}: {named}',
      cause:
        'The annotation causeway.dev/export-to cannot be read or selects no RemoteCluster, or a namespace to publish in is missing.',
      cure: 'Do what the message says; it is that of the condition Ready of the ServiceExport.',
    },
    EXPORTS_IGNORED: {
      check: 'exports.ignored',
      verdict: 'warning',
      found: 'not all that is asked for holds, {count}: {named}',
      cause:
        'An annotation of the ServiceExport, or an exported label or annotation, has a name or a value that cannot be used.',
      cure: `Correct it as the message says; it is that of the condition ${PARTLY_IGNORED} of the ServiceExport.`,
    },
  },
  *judge(facts, say) {
    for (const cluster of facts.clusters) {
      const { context } = cluster;
      const troubles = exportTroubles(leaderOf(cluster, facts));
      for (const check of Object.keys(checks) as (keyof typeof checks)[]) {
        const trouble = 'unknown' in troubles ? undefined : troubles.value.find(one => one.check === check);
        if (trouble === undefined) {
          const reason =
            'unknown' in troubles ? troubles.unknown : 'the controller is older, and does not say';
          yield say.unknown(check, context, reason);
        } else if (trouble.named === '') yield say.good(check, context, trouble.count);
        else yield say.wrong(CODES[check], context, { count: trouble.count, named: trouble.named });
      }
    }
  },
});
