import { arch, constants, endianness, platform } from 'node:os';
import { messageOf } from '../base/errors.ts';

/** A call that the system refused. `code` is its name: EADDRINUSE. */
export class SystemCallError extends Error {
  override readonly name = 'SystemCallError';
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = errnoNames.get(errno) ?? `errno ${errno}`;
    super(`${call}: ${code}`);
    this.code = code;
  }
}

const errnoNames = new Map<number, string>(
  Object.entries(constants.errno).map(([name, errno]) => [errno, name]),
);

/** What calls functions of the C library that Node has loaded anyway. */
export type Koffi = Pick<typeof import('koffi'), 'load' | 'view' | 'errno' | 'struct' | 'pointer'>;

/** Structures and numbers that it is used with are those of 64-bit Linux; other machines may lay them out otherwise. */
const ARCHITECTURES = ['x64', 'arm64'];

/**
 * Functions of the C library.
 *
 * @throws Error that says in one line why this system has not got them
 */
export async function bindCLibrary<Calls>(bind: (koffi: Koffi) => Calls): Promise<Calls> {
  if (platform() !== 'linux') throw new Error(`it needs Linux, and this is ${platform()}`);
  if (!ARCHITECTURES.includes(arch()) || endianness() !== 'LE') {
    throw new Error(`it needs ${ARCHITECTURES.join(' or ')}, and this is ${arch()}`);
  }
  const koffi = await import('koffi').catch((error: unknown) => {
    throw new Error(`the package koffi cannot be loaded: ${firstLine(messageOf(error))}`);
  });
  try {
    return bind(koffi.default);
  } catch (error) {
    throw new Error(`the C library lacks what it needs: ${firstLine(messageOf(error))}`);
  }
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
