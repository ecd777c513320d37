/** When to look again at what is in doubt, in milliseconds. */
export const SECOND_LOOK = 100;
/** Bad news are believed when they have been true for so long: a little less, for timers are not exact. */
const BELIEVED_AFTER = 90;
/** However often the news change, after so many milliseconds they are believed. */
const PATIENCE = 500;

/**
 * Editors and copying tools write in steps: a file is cut short, or gone, for a moment. So bad news (a broken file, an
 * object or a file that is no longer there) is not believed at first sight, but at the second.
 */
export class Doubts {
  #seen = new Map<string, { version: string; since: number }>();
  #began: number | undefined;

  /**
   * Whether to wait and look once more.
   *
   * @param news by what it is about, with a text that changes when the news does
   * @param now milliseconds
   */
  doubtful(news: ReadonlyMap<string, string>, now: number): boolean {
    const seen = new Map<string, { version: string; since: number }>();
    for (const [about, version] of news) {
      const before = this.#seen.get(about);
      seen.set(about, before?.version === version ? before : { version, since: now });
    }
    this.#began ??= now;
    const young = [...seen.values()].some(({ since }) => now - since < BELIEVED_AFTER);
    if (young && now - this.#began < PATIENCE) {
      this.#seen = seen;
      return true;
    }
    this.#seen = new Map();
    this.#began = undefined;
    return false;
  }
}
