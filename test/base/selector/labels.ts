import { matches, type SelectorReading } from '../../../src/base/selector/selector.ts';

/** `region=eu tier=1` as a map. */
export function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(' ')
      .filter(pair => pair !== '')
      .map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

/** Whether a text that has to be a selector selects these labels. */
export function selects(reading: SelectorReading, labels: string): boolean {
  if ('fault' in reading) throw new Error(`no selector: ${reading.fault}`);
  return matches(reading.selector, labelsOf(labels));
}
