import { messageOf } from '../base/errors.ts';
import type { Known } from '../base/known.ts';
import { ApiError } from '../kube/api-error.ts';

/**
 * What a request comes to, or why the API server refused it: what one request may not see others may. An API server
 * that gives no answer, or takes the credential for nobody's, ends all of them.
 */
export async function tried<Value>(ask: () => Promise<Value>): Promise<Known<Value>> {
  try {
    return { value: await ask() };
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.status === 401) throw thrown;
    return { unknown: messageOf(thrown) };
  }
}
