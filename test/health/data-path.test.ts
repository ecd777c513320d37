import { expect, test } from 'vitest';
import { dataPathOf } from '../../src/health/remotes.ts';
import { statusOf } from '../../src/health/status.ts';
import type { StatusCondition } from '../../src/views/status.ts';
import { wellFacts } from '../kit/status-facts.ts';

/** Remote clusters, each with what is said of the way to it: `west good, north -`; in brackets: not routed to. */
function remotesOf(text: string) {
  const [well] = statusOf(wellFacts()).remotes;
  if (well === undefined) throw new Error('there is no remote cluster');
  return text.split(', ').map(one => {
    const [, open = '', name = '', verdict = ''] = /^(\(?)(\w+) ([\w-]+)\)?$/.exec(one) ?? [];
    const dataPath = { status: 'Unknown', verdict, reason: 'X', message: '' } as StatusCondition;
    const { dataPath: _, ...rest } = { ...well, name };
    return {
      ...rest,
      routing: open === '' ? ('Enabled' as const) : ('Disabled' as const),
      ...(verdict === '-' ? {} : { dataPath }),
    };
  });
}

test.each([
  ['west good', 'good'],
  ['west good, north good', 'good'],
  ['west good, north -', 'unknown'],
  ['west good, north unknown', 'unknown'],
  ['west bad, north unknown', 'bad'],
  ['west good, (north -)', 'good'],
  ['(north -)', 'unknown'],
])('%s: %s', (remotes, state) => {
  expect(dataPathOf(remotesOf(remotes)).state).toBe(state);
});
