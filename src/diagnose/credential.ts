import { EXPORTS_NAMESPACE } from '../objects/names.ts';
import { isOverdue } from '../objects/token.ts';
import type { Diagnosis } from '../views/diagnose.ts';
import type { Answers, CredentialFacts, RemoteAccess } from './facts.ts';
import { family, type Say } from './family.ts';
import { viewOf } from './known.ts';
import { ELSEWHERE, type Excess, excessIn, neededOf, TOO_MUCH, type Wish, wishText } from './rights.ts';

const HOUR = 3_600_000;
/** More than this is said in a count. */
const MOST_SHOWN = 6;

const checks = {
  'credential.kubeconfig': 'the Secret of a RemoteCluster holds a kubeconfig that can be used',
  'credential.expiry': 'the credential is valid, ends, and does not end soon',
  'credential.enough': 'the credential may read what the other cluster publishes for this one',
  'credential.narrow': 'the credential may do nothing else',
} as const;

const ANEW = 'Run `causeway connect` again, or apply deploy/remote-reader and put its token into the Secret.';

const messages = {
  KUBECONFIG_UNUSABLE: {
    check: 'credential.kubeconfig',
    verdict: 'bad',
    found: 'there is nothing to connect with: {reason}',
    cause: 'The Secret was not written by `causeway connect`, was changed since, or is of another namespace.',
    cure: ANEW,
  },
  CREDENTIAL_EXPIRED: {
    check: 'credential.expiry',
    verdict: 'bad',
    found: 'the {kind} ended at {time}',
    cause: 'Nobody renewed it: the controller was away for longer than it was valid, or it was made by hand.',
    cure: ANEW,
  },
  CREDENTIAL_ENDS_SOON: {
    check: 'credential.expiry',
    verdict: 'warning',
    found: 'the {kind} ends in {hours} hours, at {time}',
    cause: 'The controller has not renewed it yet, or cannot.',
    cure: `See the RemoteCluster's conditions. ${ANEW}`,
  },
  TOKEN_LONG_LIVED: {
    check: 'credential.expiry',
    verdict: 'warning',
    found: 'the token has no end',
    cause:
      'It is that of a Secret of type kubernetes.io/service-account-token; whoever gets hold of it keeps it.',
    cure: 'Run `causeway connect` again without the flag for long-lived tokens; then delete the Secret causeway-remote-reader in the other cluster.',
  },
  RIGHTS_MISSING: {
    check: 'credential.enough',
    verdict: 'bad',
    found: 'it may not {wishes}',
    cause:
      'The roles in the other cluster were not applied, or were changed, or the namespace in the kubeconfig is another.',
    cure: 'Apply deploy/base and deploy/remote-reader in the other cluster, or run `causeway connect` again.',
  },
  RIGHTS_EXCESSIVE: {
    check: 'credential.narrow',
    verdict: 'bad',
    found: 'it may do more than read what is published: {wishes}',
    cause:
      "The kubeconfig holds an administrator's credential, or somebody bound more to its ServiceAccount: whoever reads the Secret in this cluster has power in the other one.",
    cure: `Give it the credential of deploy/remote-reader and nothing else. ${ANEW}`,
  },
  RIGHTS_MORE: {
    check: 'credential.narrow',
    verdict: 'warning',
    found: 'it may also read {wishes}',
    cause: 'The other cluster grants this to every account, or somebody bound it to this one.',
    cure: 'Remove the binding in the other cluster if it is not meant: `kubectl auth can-i --list` with this kubeconfig shows all.',
  },
} as const;

type CredentialSay = Say<keyof typeof checks, typeof messages>;

export const credential = family({
  name: 'credential',
  about: 'what each RemoteCluster connects with: whether it is valid, enough, and not too much',
  checks,
  messages,
  *judge({ clusters, now }, say) {
    for (const { context, remotes } of clusters) {
      if ('unknown' in remotes) {
        yield say.unknown('credential.kubeconfig', context, remotes.unknown);
        continue;
      }
      for (const remote of remotes.value) {
        const about = viewOf(context, remote);
        const { access } = remote;
        if ('failed' in access) yield say.wrong('KUBECONFIG_UNUSABLE', about, { reason: access.failed });
        else if ('unknown' in access) yield say.unknown('credential.kubeconfig', about, access.unknown);
        else {
          yield say.good('credential.kubeconfig', about, `it leads to ${access.value.reach.server}`);
          yield expiry(access.value.credential, about, now, say);
          yield enough(access.value, about, say);
          yield narrow(access.value, about, say);
        }
      }
    }
  },
});

function expiry({ kind, life }: CredentialFacts, about: string, now: number, say: CredentialSay): Diagnosis {
  if ('unknown' in life) return say.unknown('credential.expiry', about, life.unknown);
  if (life.value === undefined) return say.wrong('TOKEN_LONG_LIVED', about, {});
  const { to } = life.value;
  const time = new Date(to).toISOString();
  if (to <= now) return say.wrong('CREDENTIAL_EXPIRED', about, { kind, time });
  const hours = Math.floor((to - now) / HOUR);
  if (isOverdue(life.value, now)) return say.wrong('CREDENTIAL_ENDS_SOON', about, { kind, hours, time });
  const left = hours < 48 ? `${hours} hours` : `${Math.floor(hours / 24)} days`;
  return say.good('credential.expiry', about, `the ${kind} is valid for ${left} more, until ${time}`);
}

function enough(
  { rights, credential: { namespace } }: RemoteAccess,
  about: string,
  say: CredentialSay,
): Diagnosis {
  const { answers } = rights;
  if ('unknown' in answers) return say.unknown('credential.enough', about, answers.unknown);
  const missing = withAnswer(neededOf(namespace), answers.value, false);
  return missing.length === 0
    ? say.good('credential.enough', about, 'it may read what is published for this cluster')
    : say.wrong('RIGHTS_MISSING', about, { wishes: shown(missing) });
}

function narrow(
  { rights, credential: { namespace } }: RemoteAccess,
  about: string,
  say: CredentialSay,
): Diagnosis {
  const found = excessOf(rights, namespace);
  const grave = found.filter(one => one.grave);
  if (grave.length > 0)
    return say.wrong('RIGHTS_EXCESSIVE', about, { wishes: shown(grave.map(one => one.text)) });
  const why = rightsUnknown(rights);
  if (why !== undefined) return say.unknown('credential.narrow', about, why);
  if (found.length > 0) return say.wrong('RIGHTS_MORE', about, { wishes: shown(found.map(one => one.text)) });
  return say.good('credential.narrow', about, 'it may do nothing else');
}

/** By what was tried outright, and by what the API server lists. */
function excessOf({ answers, rules }: RemoteAccess['rights'], namespace: string | undefined): Excess[] {
  const tried = 'unknown' in answers ? [] : withAnswer(TOO_MUCH, answers.value, true);
  const places = new Map<string, { grave: boolean; namespaces: string[] }>();
  for (const one of 'unknown' in rules ? [] : rules.value) {
    const published = [EXPORTS_NAMESPACE, namespace].includes(one.namespace);
    for (const { text, grave } of excessIn(one.rules, published)) {
      places.set(text, { grave, namespaces: [...(places.get(text)?.namespaces ?? []), one.namespace] });
    }
  }
  const listed = [...places].map(([text, { grave, namespaces }]) => ({
    text: `${text} ${namespaces.includes(ELSEWHERE) ? 'everywhere' : `in ${namespaces.join(', ')}`}`,
    grave,
  }));
  return [...tried.map(text => ({ text, grave: true })), ...listed];
}

function rightsUnknown({ answers, rules }: RemoteAccess['rights']): string | undefined {
  if ('unknown' in answers) return answers.unknown;
  if ('unknown' in rules) return rules.unknown;
  return rules.value.some(({ incomplete }) => incomplete)
    ? 'nothing too powerful was found, but the API server does not know all that it grants'
    : undefined;
}

/** Those wishes that have that answer. One that was not asked has none. */
function withAnswer(wishes: readonly Wish[], answers: Answers, answer: boolean): string[] {
  return wishes.map(wishText).filter(text => answers[text] === answer);
}

function shown(wishes: readonly string[]): string {
  const more = wishes.length - MOST_SHOWN;
  return wishes.slice(0, MOST_SHOWN).join('; ') + (more > 0 ? `; and ${more} more` : '');
}
