import type { Authentication, Connection } from './connection.ts';

/** Milliseconds for which a credential is used before it is asked for again: token files change without notice. */
const REMEMBERED = 10_000;

/** One asks at a time, and not for every request. */
export function remembering(ask: Connection['authenticate']): Connection['authenticate'] {
  let last: { readonly at: number; readonly authentication: Authentication } | undefined;
  let asking: Promise<Authentication> | undefined;
  const askAnew = async (again: boolean): Promise<Authentication> => {
    const authentication = await ask(again);
    last = { at: performance.now(), authentication };
    return authentication;
  };
  return async again => {
    if (!again && last !== undefined && performance.now() - last.at < REMEMBERED) return last.authentication;
    asking ??= askAnew(again).finally(() => {
      asking = undefined;
    });
    return asking;
  };
}
