import type { Finding } from '../views/finding.ts';
import { compareVersions } from './version.ts';

/** What a CustomResourceDefinition says of itself. */
export interface DefinitionMarks {
  /** Whether Causeway installed it. */
  readonly ours: boolean;
  /** Release of the standard whose fields these are (`v0.5.2`, a label of those of mcs-api). */
  readonly release?: string;
  readonly serves: readonly string[];
}

/** One kind that Causeway needs. */
export interface DefinitionFacts {
  /** `serviceexports.multicluster.x-k8s.io` */
  readonly name: string;
  /** Undefined: the cluster does not have it. */
  readonly found: DefinitionMarks | undefined;
  readonly wanted: DefinitionMarks;
}

/** What is to be done about a definition; undefined `finding`: nothing to be told. */
export interface DefinitionVerdict {
  readonly apply: boolean;
  readonly finding?: Finding;
}

/**
 * Definitions of groups that belong to everybody may be another program's: those are left to it, and must do.
 *
 * @param replace the operator wants ours
 */
export function definitionVerdict(
  { name, found, wanted }: DefinitionFacts,
  replace: boolean,
): DefinitionVerdict {
  if (found === undefined) return { apply: true };
  const newer = compareVersions(found.release ?? '', wanted.release ?? '') > 0;
  if (!newer && (found.ours || replace || name.endsWith('.causeway.dev'))) return { apply: true };
  const check = 'definition';
  const missing = wanted.serves.filter(version => !found.serves.includes(version));
  const origin = found.ours ? `of release ${found.release}` : 'installed by another program';
  if (missing.length > 0) {
    return {
      apply: false,
      finding: {
        check,
        about: name,
        verdict: 'bad',
        found: `is ${origin} and does not serve ${missing.join(', ')}, which Causeway needs`,
        remedy: newer
          ? 'use a newer Causeway'
          : 'have that program bring a newer one, or replace it with --replace-definitions',
      },
    };
  }
  const same = found.release !== undefined && found.release === wanted.release;
  return {
    apply: false,
    finding: {
      check,
      about: name,
      verdict: same ? 'good' : 'warning',
      found: `is ${origin}${same ? `, with the same fields (${found.release})` : ''}, and is left as it is`,
      ...(same || newer ? {} : { remedy: 'if fields are missing, replace it with --replace-definitions' }),
    },
  };
}
