import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { type Config, readSettings, type SettingsTable } from '../../src/apps/setting.ts';

const root = join(import.meta.dirname, '../..');

type Labels = Readonly<Record<string, string>>;

/** One object of `deploy/`, with those fields that the rules look at; which of them are there depends on its kind. */
export interface Manifest {
  /** From the root of the repository. */
  readonly path: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly spec?: Spec;
  readonly rules?: readonly PolicyRule[];
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly subjects?: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
}

export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

export interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly serviceAccountName: string;
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly { readonly hostPath?: { readonly path: string } }[];
  readonly topologySpreadConstraints: readonly { readonly labelSelector: { readonly matchLabels: Labels } }[];
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly {
    readonly name: string;
    readonly containerPort: number;
    readonly protocol?: string;
  }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

export interface Spec {
  readonly selector: Labels & { readonly matchLabels: Labels };
  readonly podSelector: { readonly matchLabels: Labels };
  readonly template: { readonly metadata: { readonly labels: Labels }; readonly spec: PodSpec };
  readonly ports: readonly {
    readonly port: number;
    readonly protocol: string;
    readonly targetPort: string;
  }[];
  readonly ingress: readonly NetworkRule[];
}

interface NetworkRule {
  readonly ports: readonly { readonly protocol: string; readonly port: number }[];
}

export interface Kustomization {
  /** The folder, from the root of the repository. */
  readonly folder: string;
  readonly resources?: readonly string[];
  readonly components?: readonly string[];
  readonly images?: readonly { readonly name: string; readonly newName: string; readonly newTag: string }[];
}

/** What users apply; `deploy/samples` are inputs of the DNS daemon. */
const files = globSync('deploy/**/*.yaml', { cwd: root }).filter(path => !path.startsWith('deploy/samples/'));

export const kustomizations: readonly Kustomization[] = files
  .filter(path => path.endsWith('/kustomization.yaml'))
  .flatMap(path => documents(path).map(one => ({ ...one, folder: dirname(path) }) as Kustomization));

export const manifestFiles: readonly string[] = files.filter(path => !path.endsWith('/kustomization.yaml'));

export const manifests: readonly Manifest[] = manifestFiles.flatMap(path =>
  documents(path).map(one => ({ ...one, path }) as Manifest),
);

export function ofKind(...kinds: readonly string[]): readonly Manifest[] {
  return manifests.filter(({ kind }) => kinds.includes(kind));
}

/** @param path from the root of the repository */
export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/**
 * What a container's flags say to a command.
 *
 * @throws where it has no such flag, or the flag no such value
 */
export function understood<Table extends SettingsTable>(
  settings: Table,
  flags: readonly string[],
): Config<Table> {
  const given: Record<string, string[]> = {};
  for (const flag of flags) {
    const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/.exec(flag) ?? [];
    const key = name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (settings[key] === undefined) throw new Error(`there is no ${flag}`);
    given[key] = [...(given[key] ?? []), value];
  }
  return readSettings(settings, { flags: given, operands: {}, environment: {} });
}

/** @throws what is wrong with the YAML, duplicate keys included */
function documents(path: string): object[] {
  return parseAllDocuments(textOf(path)).map(document => {
    for (const problem of [...document.errors, ...document.warnings])
      throw new Error(`${path}: ${problem.message}`);
    const content: unknown = document.toJS();
    if (typeof content !== 'object' || content === null)
      throw new Error(`${path}: a document without an object`);
    return content;
  });
}

/** @throws where a manifest lacks what a rule looks at */
export function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a manifest lacks what the rules look at');
  return value;
}
