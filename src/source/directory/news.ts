import type { Objects } from './holdings.ts';
import type { KnownFile } from './notes.ts';
import { brokenReading, type FileReading, type PlacedObject, type Remarks } from './reading.ts';
import type { FoundFile, Tree } from './scan.ts';

/** What has become of one file since it was last looked at. */
export interface FileNews {
  readonly path: string;
  readonly cluster: string;
  readonly stamp: string;
  /** Undefined: the file is gone. */
  readonly remarks: Remarks | undefined;
  /** What the file gives from now on. */
  readonly next: Map<string, PlacedObject>;
  /** True: something would be lost, or nothing can be read. Not to be believed at once. */
  readonly bad: boolean;
}

/** The files that are new or have another stamp than when they were last read. */
export function changedFiles(tree: Tree, known: ReadonlyMap<string, KnownFile>): FoundFile[] {
  return [...tree.files.values()].filter(file => known.get(file.path)?.stamp !== file.stamp);
}

/**
 * News of a file that is there. One that held something and is blank now is being written: a shell empties what it
 * redirects to before the program on its left has begun, and that may take seconds.
 */
export function newsOf(file: FoundFile, found: FileReading, held: Objects): FileNews {
  const { path, cluster } = file;
  const emptied = found.blank === true && held.size > 0;
  const reading = emptied ? brokenReading('is empty: delete the file if that is meant') : found;
  const { remarks } = reading;
  const next = nextObjects(reading, held);
  const bad = remarks.fault !== undefined || [...held.keys()].some(identity => !next.has(identity));
  // Without a stamp it is read again at every look.
  const stamp = found.transient === true ? '' : file.stamp;
  return { path, cluster, stamp, remarks, next, bad };
}

/** News of the files that are not there any more. Below a folder that cannot be listed nothing counts as gone. */
export function goneFiles(tree: Tree, known: ReadonlyMap<string, KnownFile>): FileNews[] {
  const unlisted = tree.leftOut.filter(({ unreadable }) => unreadable).map(({ path }) => `${path}/`);
  return [...known]
    .filter(([path]) => !tree.files.has(path) && !unlisted.some(folder => path.startsWith(folder)))
    .map(([path, { cluster }]) => ({
      path,
      cluster,
      stamp: '',
      remarks: undefined,
      next: new Map(),
      bad: true,
    }));
}

/** What was read, and the last good version of what is in the file but cannot be used. */
function nextObjects({ objects, remarks }: FileReading, held: Objects): Map<string, PlacedObject> {
  if (remarks.fault !== undefined) return new Map(held);
  if (remarks.refused.length === 0 && !remarks.refusedUnnamed) return objects;
  const next = new Map(objects);
  const refused = new Set(remarks.refused);
  for (const [identity, placed] of held) {
    // An object that lost its name may be any of those that are missing.
    if (!next.has(identity) && (remarks.refusedUnnamed || refused.has(identity))) next.set(identity, placed);
  }
  return next;
}
