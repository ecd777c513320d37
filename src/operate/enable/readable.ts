import { ApiError } from '../../kube/api-error.ts';

/** What an API server answers; undefined where it does not know the kind or lets nobody read it. */
export async function readable<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (thrown) {
    if (thrown instanceof ApiError && [403, 404].includes(thrown.status)) return undefined;
    throw thrown;
  }
}
