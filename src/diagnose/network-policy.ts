import * as v from 'valibot';

const Labels = v.nullish(v.record(v.string(), v.string()), {});
const Expression = v.object({
  key: v.string(),
  operator: v.string(),
  values: v.nullish(v.array(v.string()), []),
});
const Selector = v.object({ matchLabels: Labels, matchExpressions: v.nullish(v.array(Expression), []) });
type Selector = v.InferOutput<typeof Selector>;

const Rule = v.object({
  from: v.nullish(v.array(v.unknown()), []),
  ports: v.nullish(
    v.array(
      v.object({
        protocol: v.nullish(v.string(), 'TCP'),
        port: v.nullish(v.union([v.string(), v.number()])),
        endPort: v.nullish(v.number()),
      }),
    ),
    [],
  ),
});

/** networking.k8s.io/v1 NetworkPolicy, as far as it is about who may come in. */
export const Policy = v.object({
  metadata: v.object({ name: v.string() }),
  spec: v.object({
    podSelector: Selector,
    policyTypes: v.nullish(v.array(v.string()), ['Ingress']),
    ingress: v.nullish(v.array(Rule), []),
  }),
});
export type Policy = v.InferOutput<typeof Policy>;

/** A port of a pod. */
export interface PodPort {
  readonly protocol: string;
  readonly port: number;
  readonly name: string;
}

/**
 * Who may reach a port of a pod. Policies add up: what one allows, no other forbids; and a pod that none selects is
 * open to everybody.
 *
 * @returns the names of those policies that select the pod, too
 */
export function allowing(
  policies: readonly Policy[],
  labels: Readonly<Record<string, string>>,
  port: PodPort,
): { readonly open: 'everybody' | 'some' | 'nobody'; readonly policies: readonly string[] } {
  const selecting = policies.filter(
    ({ spec }) => spec.policyTypes.includes('Ingress') && selects(spec.podSelector, labels),
  );
  const names = selecting.map(({ metadata }) => metadata.name);
  if (selecting.length === 0) return { open: 'everybody', policies: names };
  const rules = selecting.flatMap(({ spec }) => spec.ingress).filter(rule => opens(rule, port));
  if (rules.some(({ from }) => from.length === 0)) return { open: 'everybody', policies: names };
  return { open: rules.length > 0 ? 'some' : 'nobody', policies: names };
}

function opens({ ports }: v.InferOutput<typeof Rule>, wanted: PodPort): boolean {
  if (ports.length === 0) return true;
  return ports.some(({ protocol, port, endPort }) => {
    if (protocol !== wanted.protocol) return false;
    if (port === undefined || port === null) return true;
    if (typeof port === 'string') return port === wanted.name;
    return port <= wanted.port && wanted.port <= (endPort ?? port);
  });
}

function selects(
  { matchLabels, matchExpressions }: Selector,
  labels: Readonly<Record<string, string>>,
): boolean {
  const has = (key: string) => Object.hasOwn(labels, key);
  const all = Object.entries(matchLabels ?? {}).every(([key, value]) => has(key) && labels[key] === value);
  return (
    all &&
    matchExpressions.every(({ key, operator, values }) => {
      const within = has(key) && values.includes(labels[key] ?? '');
      switch (operator) {
        case 'In':
          return within;
        case 'NotIn':
          return !within;
        case 'Exists':
          return has(key);
        default:
          return !has(key);
      }
    })
  );
}
