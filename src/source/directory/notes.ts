import type { Conflict, InvalidExport } from '../../mesh/model.ts';
import type { Duplicate } from './holdings.ts';
import type { Finding, Remarks } from './reading.ts';
import type { Note } from './report.ts';
import type { LeftOut, Tree } from './scan.ts';

/** What is known of one file that was read. */
export interface KnownFile {
  readonly cluster: string;
  readonly stamp: string;
  /** How many objects of it are in use, or would be but for a duplicate. */
  readonly held: number;
  readonly remarks: Remarks;
}

/** Everything in the directory that a person should know of, file by file. */
export function* fileNotes(files: Iterable<readonly [string, KnownFile]>): Generator<Note> {
  for (const [path, { stamp, held, remarks }] of files) {
    const { fault, findings, findingsDropped } = remarks;
    if (fault !== undefined) yield brokenNote(path, fault, stamp, held);
    for (const finding of findings) yield findingNote(path, finding);
    if (findingsDropped > 0) {
      const message = 'more problems in this file are not listed';
      yield note('warn', `dropped ${path}`, stamp, message, { file: path, more: findingsDropped });
    }
  }
}

/** A broken file is told again whenever its content changes and is still broken. */
function brokenNote(path: string, fault: NonNullable<Remarks['fault']>, stamp: string, held: number): Note {
  const fields = { code: 'FILE_BROKEN', file: place(path, fault.line), reason: fault.reason, kept: held };
  const message = held > 0 ? 'file is broken, what was last read from it stays in use' : 'file is broken';
  return { ...note('error', `file ${path}`, stamp, message, fields), mended: 'file is no longer broken' };
}

function findingNote(path: string, { severity, object, field, message, line }: Finding): Note {
  const fields = { code: 'OBJECT_INVALID', file: place(path, line), object, ...(field ? { field } : {}) };
  const id = ['object', path, object, field ?? '', message].join('\n');
  return note(severity === 'error' ? 'error' : 'warn', id, '', message, fields);
}

export function duplicateNote({ identity, path, line, usedPath, usedLine }: Duplicate): Note {
  const message = `is also in ${place(usedPath, usedLine)}, which is used: delete one of the two`;
  const fields = { code: 'OBJECT_INVALID', file: place(path, line), object: identity };
  return note('error', `duplicate ${path} ${identity}`, usedPath, message, fields);
}

/** What is wrong with the tree itself. */
export function* treeNotes(
  tree: Tree,
  root: string,
  localCluster: string | undefined,
  watchFault: string | undefined,
): Generator<Note> {
  const { fault, clusters } = tree;
  if (fault !== undefined) yield rootNote(root, fault);
  else if (clusters.length === 0) {
    const message = 'source directory has no cluster folder: make one for each cluster, named by its id';
    yield note('warn', 'empty', '', message, { directory: root });
  } else if (localCluster !== undefined && !clusters.includes(localCluster)) {
    const message = 'the local cluster has no folder, so nothing counts as local: check --cluster-id';
    yield note('warn', 'local cluster', '', message, { cluster: localCluster, clusters });
  }
  for (const leftOut of tree.leftOut) yield leftOutNote(leftOut);
  if (watchFault !== undefined) {
    const message =
      'changes are noticed only by looking every few seconds; where watches ran out, raise fs.inotify.max_user_watches';
    yield note('warn', 'watches', '', message, { reason: watchFault });
  }
}

function rootNote(root: string, reason: string): Note {
  const message = 'source directory cannot be read; what was read from it before, if anything, stays in use';
  const fields = { code: 'SOURCE_UNREADABLE', directory: root, reason };
  return { ...note('error', 'root', reason, message, fields), mended: 'source directory is readable again' };
}

function leftOutNote({ path, reason, unreadable }: LeftOut): Note {
  const fields = { file: path, reason };
  if (!unreadable) return note('warn', `left out ${path}`, '', 'left out', fields);
  const message = 'folder cannot be listed; what was read from it before, if anything, stays in use';
  return { ...note('error', `folder ${path}`, reason, message, fields), mended: 'folder is readable again' };
}

export function conflictNote({ namespace, name, reason, winner, losers, message }: Conflict): Note {
  const fields = { service: `${namespace}/${name}`, reason, winner, losers };
  return note('warn', `conflict ${namespace}/${name} ${reason}`, winner, message, fields);
}

export function invalidExportNote({ cluster, namespace, name, reason, message }: InvalidExport): Note {
  const fields = { cluster, service: `${namespace}/${name}`, reason };
  return note('warn', `export ${cluster} ${namespace}/${name}`, reason, message, fields);
}

function note(
  level: Note['level'],
  id: string,
  version: string,
  message: string,
  fields: Note['fields'],
): Note {
  return { level, id, version, message, fields };
}

function place(path: string, line: number | undefined): string {
  return line === undefined ? path : `${path}:${line}`;
}
