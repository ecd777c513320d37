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
