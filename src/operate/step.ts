/**
 * One step of what takes long, told to whoever waits for it.
 *
 * @param title in the imperative: `Apply definitions`
 * @param work may say how it stands, in a few words that replace those before: `1 of 2 pods ready`
 * @returns what the work returns; what it throws is shown and thrown on
 */
export type Step = <Value>(
  title: string,
  work: (detail: (text: string) => void) => Promise<Value>,
) => Promise<Value>;

/** What an operation has of the command that it belongs to. */
export interface Operation {
  readonly step: Step;
  /** Aborted: somebody wants it to end. */
  readonly signal: AbortSignal;
}

/**
 * A step whose work may come to nothing without throwing, such as a wait: it is shown as what it is, and goes on with
 * what the work returns.
 *
 * @param failure why the work has come to nothing; undefined: it has not
 */
export async function stepThatMayFail<Value>(
  step: Step,
  title: string,
  work: (detail: (text: string) => void) => Promise<Value>,
  failure: (value: Value) => string | undefined,
): Promise<Value> {
  let failed: { readonly value: Value } | undefined;
  try {
    return await step(title, async detail => {
      const value = await work(detail);
      const reason = failure(value);
      if (reason === undefined) return value;
      failed = { value };
      throw new Error(reason);
    });
  } catch (thrown) {
    if (failed === undefined) throw thrown;
    return failed.value;
  }
}
