import * as v from 'valibot';
import { parse } from 'yaml';
import { type DeployFiles, documentsOf, type Manifest } from './manifest.ts';
import { withImage } from './workload.ts';

const text = v.string();
const texts = v.optional(v.array(text), []);

/** What the kustomizations in `deploy/` say. Strict: what is not understood here must not be passed over. */
const Kustomization = v.strictObject({
  apiVersion: text,
  kind: v.picklist(['Kustomization', 'Component']),
  resources: texts,
  components: texts,
  patches: v.optional(
    v.array(v.strictObject({ target: v.strictObject({ kind: text, name: text }), patch: text })),
    [],
  ),
  labels: v.optional(v.array(v.strictObject({ pairs: v.record(text, text) })), []),
  images: v.optional(v.array(v.strictObject({ name: text, newName: text, newTag: text })), []),
});
type Kustomization = v.InferOutput<typeof Kustomization>;

/** JSON Patch (RFC 6902), of which `deploy/` needs nothing else. */
const Additions = v.array(v.strictObject({ op: v.literal('add'), path: text, value: v.unknown() }));

/**
 * What `kubectl kustomize deploy/FOLDER` makes, in the order of the files; so much of kustomize as `deploy/` uses.
 *
 * @param extra folders of components that an overlay would add: `components/ipv6`
 * @throws Error where `deploy/` says what is not understood here
 */
export function kustomized(files: DeployFiles, folder: string, extra: readonly string[] = []): Manifest[] {
  const said = kustomizationOf(files, folder);
  const own = said.resources.flatMap(path => documentsOf(files, within(folder, path)) as Manifest[]);
  const components = said.components.map(path => within(folder, path));
  const manifests = [...components, ...extra].reduce(
    (before, component) => withComponent(files, before, component),
    own,
  );
  return changed(manifests, said);
}

function withComponent(files: DeployFiles, before: readonly Manifest[], folder: string): Manifest[] {
  const said = kustomizationOf(files, folder);
  const nested = said.components.reduce(
    (manifests, path) => withComponent(files, manifests, within(folder, path)),
    [...before],
  );
  return changed(nested, said);
}

function changed(manifests: readonly Manifest[], { patches, labels, images }: Kustomization): Manifest[] {
  const pairs = Object.assign({}, ...labels.map(one => one.pairs));
  return manifests.map(manifest => {
    const patched = patches.filter(({ target }) => selects(target, manifest)).reduce(added, manifest);
    const { metadata } = patched;
    const labelled =
      labels.length === 0
        ? patched
        : { ...patched, metadata: { ...metadata, labels: { ...metadata.labels, ...pairs } } };
    return images.reduce(
      (before, { name, newName, newTag }) => withImage(before, name, `${newName}:${newTag}`),
      labelled,
    );
  });
}

function kustomizationOf(files: DeployFiles, folder: string): Kustomization {
  return v.parse(Kustomization, documentsOf(files, `${folder}/kustomization.yaml`)[0]);
}

/** `components/ipv6` and `../dual-stack` make `components/dual-stack`. */
function within(folder: string, path: string): string {
  return new URL(path, `file:///${folder}/`).pathname.slice(1);
}

/** Kustomize takes both for regular expressions of the whole. */
function selects(target: { readonly kind: string; readonly name: string }, manifest: Manifest): boolean {
  const fits = (pattern: string, found: string) => new RegExp(`^(?:${pattern})$`).test(found);
  return fits(target.kind, manifest.kind) && fits(target.name, manifest.metadata.name);
}

function added(manifest: Manifest, { patch }: { readonly patch: string }): Manifest {
  const result = structuredClone(manifest);
  for (const { path, value } of v.parse(Additions, parse(patch))) {
    const steps = path.slice(1).split('/');
    const last = steps.pop() ?? '';
    const holder = steps.reduce<unknown>((inner, step) => Object(inner)[step], result);
    if (Array.isArray(holder) && last === '-') holder.push(value);
    else if (typeof holder === 'object' && holder !== null) Object.assign(holder, { [last]: value });
    else throw new Error(`a patch in deploy/ adds to ${path}, which ${manifest.metadata.name} lacks`);
  }
  return result;
}
