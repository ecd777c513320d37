import { family } from './family.ts';
import { operatorRights, wishText } from './rights.ts';

export const operator = family({
  name: 'operator',
  about: "what the operator's own credential may do",
  checks: { 'operator.rights': 'the commands of Causeway may do in the cluster what they have to' },
  messages: {
    OPERATOR_RIGHT_MISSING: {
      check: 'operator.rights',
      verdict: 'warning',
      found: 'you may not {wish}, which {commands} cannot do without',
      cause: 'Your credential has a role that does not grant it.',
      cure: 'Use a context that may, or ask whoever runs the cluster to grant it.',
    },
  },
  *judge({ clusters, namespace }, say) {
    for (const { context, rights } of clusters) {
      if ('unknown' in rights) {
        yield say.unknown('operator.rights', context, rights.unknown);
        continue;
      }
      const missing = operatorRights(namespace).filter(wish => rights.value[wishText(wish)] === false);
      if (missing.length === 0)
        yield say.good('operator.rights', context, 'you may do what all commands need');
      for (const wish of missing) {
        const { commands } = wish;
        yield say.wrong('OPERATOR_RIGHT_MISSING', context, { wish: wishText(wish), commands });
      }
    }
  },
});
