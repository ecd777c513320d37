/** A rule of a Role: what it names may be done in the namespace, or everywhere. `*` stands for all. */
export interface Granted {
  readonly group: string;
  /** With its subresource: `pods/log`. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Undefined: everywhere. */
  readonly namespace?: string;
}

/** What whoever asks may do, and what an API server answers who asks for it (authorization.k8s.io). */
export class Reviews {
  rules: readonly Granted[] = [{ group: '*', resource: '*', verbs: ['*'] }];
  /** Whether it says that it does not know all rules, as with a webhook that decides. */
  incomplete = false;

  /** Undefined: the collection is none of reviews. */
  answer(collection: string, body: string): object | undefined {
    const [group, plural] = collection.split('/');
    if (group !== 'authorization.k8s.io') return undefined;
    const review = JSON.parse(body);
    const { resourceAttributes, namespace } = review.spec;
    if (plural === 'selfsubjectaccessreviews') {
      return { ...review, status: { allowed: this.rules.some(rule => covers(rule, resourceAttributes)) } };
    }
    const here = this.rules.filter(rule => rule.namespace === undefined || rule.namespace === namespace);
    const resourceRules = here.map(rule => ({
      apiGroups: [rule.group],
      resources: [rule.resource],
      verbs: rule.verbs,
    }));
    return { ...review, status: { resourceRules, nonResourceRules: [], incomplete: this.incomplete } };
  }
}

interface Attributes {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly namespace?: string;
}

function covers(rule: Granted, { verb, group, resource, subresource, namespace }: Attributes): boolean {
  const fits = (granted: string, wanted: string) => granted === '*' || granted === wanted;
  const whole = subresource === undefined ? resource : `${resource}/${subresource}`;
  return (
    fits(rule.group, group) &&
    fits(rule.resource, whole) &&
    rule.verbs.some(granted => fits(granted, verb)) &&
    (rule.namespace === undefined || rule.namespace === namespace)
  );
}
