import { expect, test } from 'vitest';
import { watchStatus } from '../../src/cli/watch-status.ts';
import { statusOf } from '../../src/health/status.ts';
import { COLOURED, PLAIN } from '../../src/terminal/style.ts';
import type { Status } from '../../src/views/status.ts';
import { statusText } from '../../src/views/status-text.ts';
import { VirtualClock } from '../kit/clock.ts';
import { Screen } from '../kit/screen.ts';
import { conditions, controller, controllerPage, told, wellFacts } from '../kit/status-facts.ts';

const WELL = statusOf(wellFacts());
const ILL = statusOf({ ...wellFacts(), id: { value: undefined } });

/** Watches what is seen one after the other, for as long as there is something, and ends. */
async function watched(seen: readonly (Status | Error)[], terminal: object, write: (text: string) => void) {
  const clock = new VirtualClock();
  const ended = new AbortController();
  const look = async () => {
    const next = seen[Math.round(clock.now() / 2_000)];
    if (next === undefined || next instanceof Error) throw next ?? new Error('nobody looks any more');
    return next;
  };
  const surroundings = {
    program: 'causeway',
    environment: {},
    print: write,
    complain: () => {},
    progress: () => {},
    isTerminal: { output: true, progress: true },
    columns: 200,
    interrupted: () => ended.signal,
    ...terminal,
  };
  const watching = watchStatus(look, surroundings, ended.signal, clock);
  await clock.advance((seen.length - 1) * 2_000);
  ended.abort(new Error('ended by SIGINT'));
  await watching;
}

/** When they are seen. */
const AT = '2026-03-01T12:00:00.000Z';

/** What a terminal shows of it. */
const shown = (status: Status) => statusText(status, PLAIN);
const lastLine = (status: Status) => `${shown(status).trimEnd().split('\n').at(-1)}\n`;

test('on a terminal each look takes the place of the one before, whatever was longer', async () => {
  const screen = new Screen();
  await watched([ILL, WELL], { environment: { NO_COLOR: '1' } }, text => screen.write(text));
  expect(screen.text).toBe(shown(WELL));
});

test('on a terminal a look that fails is shown in its place, too', async () => {
  const screen = new Screen();
  await watched([WELL, new Error('no answer')], {}, text => screen.write(text));
  expect(screen.text).toBe('✗ no answer\n');
  expect(screen.written).toContain(COLOURED.bad('✗'));
});

test('elsewhere only what changes is told after the first look', async () => {
  let text = '';
  const fault = new Error('no answer');
  const seen = [WELL, WELL, ILL, ILL, fault, fault, WELL];
  await watched(seen, { isTerminal: { output: false, progress: false } }, more => {
    text += more;
  });
  const lost = 'cluster.clusterset.k8s.io: this cluster has no id (there is no such ClusterProperty)';
  const changed = `${AT} ✗ ${lost}\n${AT} ${lastLine(ILL)}`;
  expect(text).toBe(`${shown(WELL)}${changed}✗ no answer\n${shown(WELL)}`);
});

test('elsewhere it is told what is gone with a RemoteCluster, and what all comes to then', async () => {
  const lost = told('west', { conditions: conditions({ Serving: 'False Lost: It is lost.' }) });
  const page = { value: controllerPage({ remotes: [lost] }) };
  const replicas = { value: [controller('causeway-controller-1', page)] };
  const ill = statusOf({ ...wellFacts(), controller: { wanted: { value: 1 }, replicas } });
  const disconnected: Status = {
    ...ill,
    remotes: [],
    findings: ill.findings.filter(({ about }) => about !== 'west'),
  };
  let text = '';
  await watched(
    [ill, disconnected, disconnected],
    { isTerminal: { output: false, progress: false } },
    more => {
      text += more;
    },
  );
  const gone = 'west: no longer told: Serving is False (Lost): It is lost.';
  expect(text).toBe(`${shown(ill)}${AT} - ${gone}\n${AT} ${lastLine(disconnected)}`);
});
