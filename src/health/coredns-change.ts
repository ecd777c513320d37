import { type TextChange, textName } from '../corefile/change.ts';
import type { CoreDnsPod } from '../corefile/facts.ts';
import { type CorefilePlace, mapName } from '../corefile/places.ts';
import type { Aim, TakingUp } from '../corefile/taking-up.ts';
import type { Finding, Verdict } from '../views/finding.ts';

/** How a pod took the new text of its Corefile. */
export interface TakenUp extends TakingUp {
  readonly pod: Pick<CoreDnsPod, 'namespace' | 'name'>;
  readonly aim: Aim;
}

const VERDICTS: Readonly<Record<TakingUp['state'], Verdict>> = {
  runs: 'good',
  waits: 'bad',
  refused: 'bad',
  unseen: 'unknown',
};

/** How the pods took it. */
export function tookUp(pods: readonly TakenUp[], zone: string): Finding[] {
  return pods.map(({ pod: { namespace, name }, state, says, aim }) => {
    const found = state === 'runs' ? (aim.present ? `forwards ${zone}` : `runs without ${zone}`) : says;
    const remedy = `see kubectl -n ${namespace} logs ${name}`;
    return {
      check: 'coredns.replica',
      about: name,
      verdict: VERDICTS[state],
      found,
      ...(state === 'runs' ? {} : { remedy }),
    };
  });
}

export function putBack({ target }: TextChange): Finding {
  return {
    check: 'coredns.rolled-back',
    about: textName(target),
    verdict: 'bad',
    found: 'the former text is back, because not every pod took up the new one',
    remedy: 'mend what its pods say, and run this again',
  };
}

/** The new text could not be taken back. */
export const stillThere = {
  check: 'coredns.not-rolled-back',
  finding: ({ target }: TextChange, reason: string): Finding => ({
    check: 'coredns.not-rolled-back',
    about: textName(target),
    verdict: 'bad',
    found: `the new text is still there, and could not be taken back: ${reason}`,
    remedy: `run this again, or take our lines out with kubectl -n ${target.namespace} edit configmap ${target.name}`,
  }),
};

/** A change that no pod sees before it starts anew. */
export function toRestart({ main, pods }: CorefilePlace): Finding {
  return {
    check: 'coredns.reload-missing',
    about: mapName(main),
    verdict: 'warning',
    found: 'no block has `reload`: its pods see the change when they start anew',
    remedy: `give --restart, or restart what runs the pods ${pods.labelSelector} in namespace ${pods.namespace}`,
  };
}
