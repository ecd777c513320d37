import * as v from 'valibot';
import { several } from '../base/several.ts';
import type { Diagnosis } from '../views/diagnose.ts';
import { family, type Say } from './family.ts';
import { read } from './known.ts';
import { compared, type Difference } from './schema.ts';

const Version = v.object({
  name: v.string(),
  served: v.boolean(),
  storage: v.boolean(),
  schema: v.optional(v.object({ openAPIV3Schema: v.unknown() })),
});

const Definition = v.object({
  metadata: v.object({ name: v.string() }),
  spec: v.object({ group: v.string(), versions: v.array(Version) }),
  status: v.optional(
    v.object({
      conditions: v.nullish(
        v.array(v.object({ type: v.string(), status: v.string(), message: v.nullish(v.string()) })),
      ),
    }),
  ),
});
type Definition = v.InferOutput<typeof Definition>;

/** Of the other kinds several programs bring a definition along. */
const OUR_GROUP = 'causeway.dev';
const MOST_SHOWN = 3;

const APPLY = 'Run `causeway enable` again, or `kubectl apply --server-side -k deploy/crds` of this version.';

const checks = {
  'crd.present': 'every kind that Causeway uses is defined, in the versions it uses',
  'crd.established': 'the API server serves the kind',
  'crd.schema': 'the definition is the one that comes with this program',
} as const;

const messages = {
  CRD_MISSING: {
    check: 'crd.present',
    verdict: 'bad',
    found: 'there is no CustomResourceDefinition {name}',
    cause: 'Causeway was not installed in this cluster, or somebody deleted it with all objects of the kind.',
    cure: APPLY,
  },
  CRD_VERSION_MISSING: {
    check: 'crd.present',
    verdict: 'bad',
    found: '{name} does not serve {versions}',
    cause: 'The definition is of an older version, or of another program that has the same kind.',
    cure: APPLY,
  },
  CRD_NOT_ESTABLISHED: {
    check: 'crd.established',
    verdict: 'bad',
    found: '{name} is not served: {reason}',
    cause: 'Its names collide with those of another definition, or the API server has only just got it.',
    cure: '`kubectl describe crd` names the one it collides with: delete the one that nobody uses.',
  },
  CRD_OLDER: {
    check: 'crd.schema',
    verdict: 'bad',
    found: '{name} is older than this program: it lacks {fields}',
    cause:
      'Causeway was updated without its definitions; what they do not know, the API server drops without a word.',
    cure: APPLY,
  },
  CRD_NEWER: {
    check: 'crd.schema',
    verdict: 'warning',
    found: '{name} is newer than this program: it also has {fields}',
    cause: 'The cluster was updated by a newer version of Causeway than this command.',
    cure: 'Update this command; an older one may overlook what newer fields say.',
  },
  CRD_DIFFERS: {
    check: 'crd.schema',
    verdict: 'warning',
    found: '{name} is not the one of this program: it differs in {fields}',
    cause: 'It comes with another version of Causeway, or with another program that has the same kind.',
    cure: 'Where nothing else brings it along, run `causeway enable` again.',
  },
} as const;

type DefinitionsSay = Say<keyof typeof checks, typeof messages>;

export const definitions = family({
  name: 'crd',
  about: 'the CustomResourceDefinitions in each cluster against those that come with this program',
  checks,
  messages,
  *judge({ clusters, definitions: shipped }, say) {
    const wanted = read(Definition, { value: shipped });
    for (const { context, objects } of clusters) {
      const there = read(Definition, objects.definitions);
      if ('unknown' in there) {
        yield say.unknown('crd.present', context, there.unknown);
        continue;
      }
      for (const own of 'unknown' in wanted ? [] : wanted.value) {
        const found = there.value.find(({ metadata }) => metadata.name === own.metadata.name);
        yield* judged(own, found, context, say);
      }
    }
  },
});

function* judged(
  own: Definition,
  found: Definition | undefined,
  about: string,
  say: DefinitionsSay,
): Generator<Diagnosis> {
  const { name } = own.metadata;
  if (found === undefined) {
    yield say.wrong('CRD_MISSING', about, { name });
    return;
  }
  const served = (definition: Definition) => definition.spec.versions.filter(version => version.served);
  const there = served(found).map(version => version.name);
  const missing = served(own)
    .map(version => version.name)
    .filter(version => !there.includes(version));
  yield missing.length === 0
    ? say.good('crd.present', about, `${name} serves ${there.join(', ')}`)
    : say.wrong('CRD_VERSION_MISSING', about, { name, versions: missing.join(', ') });
  yield established(found, about, say);
  yield schema(own, found, about, say);
}

function established({ metadata, status }: Definition, about: string, say: DefinitionsSay): Diagnosis {
  const { name } = metadata;
  const condition = (type: string) => status?.conditions?.find(held => held.type === type);
  const held = condition('Established');
  if (held?.status === 'True') return say.good('crd.established', about, `${name} is served`);
  const names = condition('NamesAccepted');
  const refused = names?.status === 'False' ? names : held;
  return say.wrong('CRD_NOT_ESTABLISHED', about, {
    name,
    reason: refused?.message || 'no condition Established',
  });
}

function schema(own: Definition, found: Definition, about: string, say: DefinitionsSay): Diagnosis {
  const { name } = own.metadata;
  const differences = own.spec.versions.flatMap(version => {
    const there = found.spec.versions.find(other => other.name === version.name);
    return there === undefined
      ? []
      : compared(version.schema?.openAPIV3Schema, there.schema?.openAPIV3Schema);
  });
  const fields = (which: Difference['which']) => shown(differences.filter(one => one.which === which));
  const has = (which: Difference['which']) => differences.some(one => one.which === which);
  if (differences.length === 0) return say.good('crd.schema', about, `${name} is the one of this program`);
  const ours = own.spec.group === OUR_GROUP;
  if (ours && has('only ours') && !has('only theirs'))
    return say.wrong('CRD_OLDER', about, { name, fields: fields('only ours') });
  if (ours && has('only theirs') && !has('only ours'))
    return say.wrong('CRD_NEWER', about, { name, fields: fields('only theirs') });
  return say.wrong('CRD_DIFFERS', about, { name, fields: shown(differences) });
}

function shown(differences: readonly Difference[]): string {
  const paths = [...new Set(differences.map(({ path }) => path))];
  const more = paths.length - MOST_SHOWN;
  return paths.slice(0, MOST_SHOWN).join(', ') + (more > 0 ? ` and ${several(more, 'other field')}` : '');
}
