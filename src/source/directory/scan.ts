import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import { isClusterId } from '../../base/name.ts';

/** A file to be read. Its path is relative to the root, with slashes, and begins with the cluster's folder. */
export interface FoundFile {
  readonly path: string;
  readonly cluster: string;
  /** Changes whenever the content may have changed. */
  readonly stamp: string;
  readonly size: number;
  /** Set: a link that leads nowhere, or what cannot even be looked at. */
  readonly fault?: string;
}

/** Something in the tree that is left out, and why. */
export interface LeftOut {
  readonly path: string;
  readonly reason: string;
  /** A folder that cannot be listed: whatever was read from below it before is still true as far as anyone knows. */
  readonly unreadable: boolean;
}

/** What lies under the root at one look. */
export interface Tree {
  /** By path. */
  readonly files: Map<string, FoundFile>;
  readonly clusters: string[];
  readonly leftOut: LeftOut[];
  /** What each folder below a cluster's holds by itself, by path: a later scan may take it from here. */
  readonly listings: Map<string, Listing>;
  /** Set: the root cannot be listed, and the rest is what was there when it last could. */
  readonly fault?: string;
}

/** What one folder holds. */
export interface Listing {
  readonly identity: string;
  readonly files: readonly FoundFile[];
  readonly folders: readonly string[];
  /** Of what is named like a file to be read. */
  readonly leftOut: readonly LeftOut[];
}

/** What is known of a folder and need not be looked at again; undefined: it has to be listed. */
export type Known = (directory: string, path: string) => Listing | undefined;

/** Called with each directory (path and inode) before it is listed, so that no change falls in between. */
export type Enter = (directory: string, identity: string) => void;

/** Folders below a cluster's folder: deeper trees are a mistake or a trap. */
const MAX_DEPTH = 8;
/** Milliseconds in which a file system may give two writes the same time: a kernel's clock tick and some. */
const TICK = 20;
/** Files looked at together; the thread pool has four threads, and queries come first. */
const BATCH = 64;

/**
 * Lists the tree of cluster folders. Links are followed, each directory once per cluster, so that a loop ends, but none
 * up to the root or above it: what lies there is of all clusters, and would be taken for one's. Dot
 * entries are passed over: a mounted ConfigMap keeps its real files in `..data`, and editors keep theirs likewise.
 *
 * Nothing here is synchronous: a dead network file system must not stop the answers.
 *
 * @throws Error of node:fs where the root itself cannot be listed
 */
export async function scan(root: string, enter: Enter, known: Known = () => undefined): Promise<Tree> {
  const tree: Tree = { files: new Map(), clusters: [], leftOut: [], listings: new Map() };
  enter(root, inode(await stat(root)));
  const above = await inodesAbove(root);
  for (const entry of await entriesOf(root)) {
    const path = entry.name;
    const status = await statusOf(join(root, path));
    if (status instanceof Error) {
      if (!isGone(status) || entry.isSymbolicLink()) leaveOut(tree, path, faultOf(entry, status));
    } else if (status.isDirectory() && isClusterId(path)) {
      tree.clusters.push(path);
      await scanFolder({ root, above, enter, known, tree, cluster: path, seen: new Set() }, path, status, 0);
    } else if (status.isDirectory()) {
      leaveOut(
        tree,
        path,
        'folder name is not a cluster id (lower-case letters, digits, "-" and ".": RFC 1123)',
      );
    } else if (isMeant(entry.name)) {
      leaveOut(
        tree,
        path,
        'file lies outside of the cluster folders: move it into the folder of its cluster',
      );
    }
  }
  return tree;
}

interface Walk {
  readonly root: string;
  /** Inodes of the root and of what it lies in. */
  readonly above: ReadonlySet<string>;
  readonly enter: Enter;
  readonly known: Known;
  readonly tree: Tree;
  readonly cluster: string;
  /** Inodes of the directories listed so far. */
  readonly seen: Set<string>;
}

async function scanFolder(walk: Walk, folder: string, status: Stats, depth: number): Promise<void> {
  const identity = inode(status);
  if (walk.seen.has(identity)) return;
  walk.seen.add(identity);
  if (walk.above.has(identity)) {
    leaveOut(
      walk.tree,
      folder,
      'link leads up to the folders of all clusters: their files are not of this one',
    );
    return;
  }
  if (depth > MAX_DEPTH) {
    leaveOut(walk.tree, folder, `folder is more than ${MAX_DEPTH} levels deep`);
    return;
  }
  const directory = join(walk.root, folder);
  walk.enter(directory, identity);
  const known = walk.known(directory, folder);
  const listing = known?.identity === identity ? known : await list(walk, folder, identity);
  if (listing === undefined) return;
  walk.tree.listings.set(folder, listing);
  for (const file of listing.files) walk.tree.files.set(file.path, file);
  walk.tree.leftOut.push(...listing.leftOut);
  for (const path of listing.folders) {
    const status = await statusOf(join(walk.root, path));
    if (!(status instanceof Error) && status.isDirectory()) await scanFolder(walk, path, status, depth + 1);
  }
}

async function inodesAbove(root: string): Promise<Set<string>> {
  const inodes = new Set<string>();
  let path = await realpath(root);
  for (;;) {
    inodes.add(inode(await stat(path)));
    const parent = dirname(path);
    if (parent === path) return inodes;
    path = parent;
  }
}

/** Looks at every entry of a folder; undefined where it cannot be listed. */
async function list(
  { root, tree, cluster }: Walk,
  folder: string,
  identity: string,
): Promise<Listing | undefined> {
  const directory = join(root, folder);
  let entries: Dirent[];
  try {
    entries = await entriesOf(directory);
  } catch (thrown) {
    if (!isGone(thrown)) leaveOut(tree, folder, messageOf(thrown), true);
    return undefined;
  }
  const files: FoundFile[] = [];
  const folders: string[] = [];
  const leftOut: LeftOut[] = [];
  for (let start = 0; start < entries.length; start += BATCH) {
    const batch = entries.slice(start, start + BATCH);
    const statuses = await Promise.all(batch.map(entry => statusOf(join(directory, entry.name))));
    for (const [index, entry] of batch.entries()) {
      const path = `${folder}/${entry.name}`;
      const status = statuses[index];
      if (status === undefined) continue;
      if (!(status instanceof Error) && status.isDirectory()) folders.push(path);
      else if (isMeant(path)) {
        const file = fileOf(cluster, path, entry, status);
        if (typeof file === 'string') leftOut.push({ path, reason: file, unreadable: false });
        else if (file !== undefined) files.push(file);
      }
    }
  }
  return { identity, files, folders, leftOut };
}

/** A text: why it is left out. */
function fileOf(
  cluster: string,
  path: string,
  entry: Dirent,
  status: Stats | Error,
): FoundFile | string | undefined {
  if (!isReadable(path)) return 'name does not end in .yaml, .yml or .json, in small letters: rename it';
  if (!(status instanceof Error)) {
    if (!status.isFile()) return 'is no file with content, but a pipe, a socket or a device';
    return { path, cluster, stamp: stampOf(status), size: status.size };
  }
  // What is gone since the listing is gone; but a link that leads nowhere is there, and does not read.
  if (isGone(status) && !entry.isSymbolicLink()) return undefined;
  return { path, cluster, stamp: messageOf(status), size: 0, fault: faultOf(entry, status) };
}

function faultOf(entry: Dirent, status: Error): string {
  const what = entry.isSymbolicLink() ? 'link leads nowhere' : 'cannot be looked at';
  return `${what} (${messageOf(status)})`;
}

/** Entries that may be, or lead to, what is ours. In order: of two ways into one directory always the same counts. */
async function entriesOf(directory: string): Promise<Dirent[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries
    .filter(entry => !entry.name.startsWith('.'))
    .filter(entry => entry.isDirectory() || entry.isSymbolicLink() || isMeant(entry.name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What a path leads to, or why that cannot be told. */
async function statusOf(path: string): Promise<Stats | Error> {
  return stat(path).catch((error: Error) => error);
}

function leaveOut(tree: Tree, path: string, reason: string, unreadable = false): void {
  tree.leftOut.push({ path, reason, unreadable });
}

/** Also of what is passed over, so that whoever put it there is told. */
function isMeant(name: string): boolean {
  return isReadable(name.toLowerCase());
}

function isReadable(name: string): boolean {
  return /\.(yaml|yml|json)$/.test(name);
}

function inode(status: Stats): string {
  return `${status.dev}:${status.ino}`;
}

/**
 * The change time is what no writer can set back: it tells a copy that kept its old modification time. A file changed
 * this very moment may change again without a trace, so its stamp is good for one look only.
 */
function stampOf(status: Stats): string {
  const stamp = `${inode(status)}:${status.size}:${status.mtimeMs}:${status.ctimeMs}`;
  const now = Date.now();
  return Math.abs(now - status.ctimeMs) < TICK ? `${stamp}:${now}` : stamp;
}

function isGone(thrown: unknown): boolean {
  return (
    thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOENT' || thrown.code === 'ENOTDIR')
  );
}
