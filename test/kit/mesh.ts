import { parseAllDocuments } from 'yaml';
import { Mesh, type MeshOptions } from '../../src/mesh/mesh.ts';
import type { MeshChange } from '../../src/mesh/model.ts';
import { type Problem, readObject } from '../../src/objects/index.ts';
import type { MeshObject } from '../../src/objects/shapes.ts';

/** The objects and problems of a YAML text of many documents; a text that is no YAML throws. */
export function objectsOf(text: string): { objects: MeshObject[]; problems: Problem[] } {
  const queue: unknown[] = parseAllDocuments(text).map(document => {
    if (document.errors[0]) throw document.errors[0];
    return document.toJS();
  });
  const objects: MeshObject[] = [];
  const problems: Problem[] = [];
  for (const raw of queue) {
    const reading = readObject(raw);
    problems.push(...reading.problems);
    if (reading.object) objects.push(reading.object);
    queue.push(...(reading.items ?? []));
  }
  return { objects, problems };
}

/** A mesh of the given clusters, flushed once. */
export function meshOf(
  yamlByCluster: Readonly<Record<string, string>>,
  options: MeshOptions = {},
): { mesh: Mesh; change: MeshChange; problems: Problem[] } {
  const mesh = new Mesh(options);
  const problems: Problem[] = [];
  for (const [cluster, text] of Object.entries(yamlByCluster)) {
    const read = objectsOf(text);
    for (const object of read.objects) mesh.put(cluster, object);
    problems.push(...read.problems);
  }
  return { mesh, change: mesh.flush(), problems };
}

/** Puts the objects of a YAML text. */
export function putAll(mesh: Mesh, cluster: string, yaml: string): void {
  for (const object of objectsOf(yaml).objects) mesh.put(cluster, object);
}

/** Removes the objects that a YAML text names. */
export function removeAll(mesh: Mesh, cluster: string, yaml: string): void {
  for (const object of objectsOf(yaml).objects) mesh.remove(cluster, object);
}
