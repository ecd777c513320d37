import type { Answers, NamespaceRules, RightsFacts, Rule } from '../../diagnose/facts.ts';
import { ELSEWHERE, neededOf, TOO_MUCH, type Wish, wishText } from '../../diagnose/rights.ts';
import type { ApiClient } from '../../kube/client.ts';
import { EXPORTS_NAMESPACE } from '../../objects/names.ts';
import { known } from './attempt.ts';

const GROUP = '/apis/authorization.k8s.io/v1';
const API_VERSION = 'authorization.k8s.io/v1';

/** What the API server says that the credential of a client may do, of everything that matters for importing. */
export async function rightsFacts(
  client: ApiClient,
  ownNamespace: string | undefined,
  signal: AbortSignal,
): Promise<RightsFacts> {
  const own = ownNamespace === undefined ? [] : [ownNamespace];
  const namespaces = [EXPORTS_NAMESPACE, ...own, ELSEWHERE];
  const [answers, rules] = await Promise.all([
    known(answersTo(client, [...neededOf(ownNamespace), ...TOO_MUCH], signal)),
    known(Promise.all(namespaces.map(namespace => rulesIn(client, namespace, signal)))),
  ]);
  return { answers, rules };
}

/** Asks for each wish whether it would be granted (SelfSubjectAccessReview). */
export async function answersTo(
  client: ApiClient,
  wishes: readonly Wish[],
  signal: AbortSignal,
): Promise<Answers> {
  const answered = wishes.map(async wish => {
    const question = {
      apiVersion: API_VERSION,
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: wish },
    };
    const { status } = await client.ask(`${GROUP}/selfsubjectaccessreviews`, question, signal);
    return [wishText(wish), Object(status).allowed === true] as const;
  });
  return Object.fromEntries(await Promise.all(answered));
}

async function rulesIn(client: ApiClient, namespace: string, signal: AbortSignal): Promise<NamespaceRules> {
  const question = { apiVersion: API_VERSION, kind: 'SelfSubjectRulesReview', spec: { namespace } };
  const { status } = await client.ask(`${GROUP}/selfsubjectrulesreviews`, question, signal);
  const { incomplete, resourceRules } = Object(status) as Record<string, unknown>;
  const rules: unknown[] = Array.isArray(resourceRules) ? resourceRules : [];
  return { namespace, incomplete: incomplete === true, rules: rules.map(ruleOf) };
}

function ruleOf(raw: unknown): Rule {
  const { apiGroups, resources, verbs, resourceNames } = Object(raw) as Record<string, unknown>;
  const names = texts(resourceNames);
  const rule = { groups: texts(apiGroups), resources: texts(resources), verbs: texts(verbs) };
  return names.length === 0 ? rule : { ...rule, names };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
