import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program the benchmark needs is not installed; the message says what to install. */
export class MissingProgram extends Error {
  override readonly name = 'MissingProgram';
}

/** Daemons live where an ordinary user's PATH does not look. */
const DAEMON_FOLDERS = ['/usr/sbin', '/usr/local/sbin'];

/** The path of `name`; `install` says how to get it where it is missing. */
export function findProgram(name: string, install: string): string {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...DAEMON_FOLDERS];
  const path = folders.map(folder => join(folder, name)).find(isExecutable);
  if (path === undefined) {
    throw new MissingProgram(`${name} is not installed: ${install}`);
  }
  return path;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first thing that looks like a version in what the program prints, on whichever stream. */
export function versionOf(program: string, versionArguments: readonly string[]): string {
  const { stdout, stderr } = spawnSync(program, versionArguments, { encoding: 'utf8', timeout: 10_000 });
  return /\d+\.\d+(\.\d+)?/.exec(`${stdout}${stderr}`)?.[0] ?? '(version unknown)';
}
