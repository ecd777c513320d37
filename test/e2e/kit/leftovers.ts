import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What a test starts it ends in its hooks. Hooks do not run when the run itself is ended: what is registered here is
 * undone then as well, so that no process, port or folder stays behind.
 */
const undoing = new Set<() => void>();

/** @returns to be called when it has been undone in the ordinary way */
export function undoAtEnd(undo: () => void): () => void {
  undoing.add(undo);
  return () => undoing.delete(undo);
}

/** The other way around: what was begun later may need what was begun before, such as the folder it lies in. */
function undoAll(): void {
  for (const undo of [...undoing].reverse()) {
    undoing.delete(undo);
    try {
      undo();
    } catch (error) {
      console.error('something stays behind:', error);
    }
  }
}

process.once('exit', undoAll);
// The test runner is gone, or wants this worker gone. Vitest forbids process.exit() in a worker.
for (const event of ['disconnect', 'SIGTERM']) {
  process.once(event, () => {
    undoAll();
    // Not at once: vitest loads this file once per project, and each of these has its own to undo.
    setImmediate(() => process.kill(process.pid, 'SIGKILL'));
  });
}

/** A process that was killed just now may still be about to write its last file. */
export function removeNow(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}

export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

export async function temporaryFolder(name: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), `causeway-e2e-${name}-`));
  const undone = undoAtEnd(() => removeNow(path));
  return {
    path,
    remove: async () => {
      await rm(path, { recursive: true, force: true });
      undone();
    },
  };
}
