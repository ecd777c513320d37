import { CausewayError } from '../base/errors.ts';
import { several } from '../base/several.ts';
import type { Bird } from '../bgp/bird.ts';
import type { Commands } from '../kernel/commands.ts';
import { withTunnels } from '../kernel/first-look.ts';
import { readHost } from '../kernel/host.ts';
import { look, type Wanted } from '../kernel/keeper.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { hasProbe, PROBE_GOES, removeProbe } from '../kernel/probe-device.ts';
import type { ApiClient } from '../kube/client.ts';
import type { Logger } from '../ops/log.ts';
import { birdConfig } from '../routes/bgp/bird-config.ts';
import { removal } from '../routes/diff.ts';
import { devicesOf } from '../routes/links.ts';
import { notesOn } from '../routes/local.ts';
import type { Marks } from '../routes/model.ts';
import { faultText, heldText } from '../routes/report.ts';
import { wordsOf } from '../routes/words.ts';
import { Abilities } from './abilities.ts';
import { ClusterView } from './cluster-view.ts';
import { patienceFor, type Waiting } from './patience.ts';
import { type RouteSettings, wantedOf } from './wanted.ts';

export interface PreviewParts extends Waiting {
  readonly client: ApiClient;
  readonly commands: Commands;
  readonly kernel: Kernel;
  readonly marks: Marks;
  readonly bird: Bird;
  readonly settings: RouteSettings;
  /** Seconds since the epoch. */
  readonly unixSeconds: () => number;
  readonly log: Logger;
}

/**
 * What an agent would do that is started now, as lines. Changes nothing.
 *
 * @throws CausewayError API_UNREACHABLE where the API server does not tell all in time; ROUTES_UNKNOWN where what it
 * tells is not enough
 */
export async function preview(parts: PreviewParts): Promise<string[]> {
  const { kernel, marks } = parts;
  const wanted = await known(parts);
  const { plan, operations, held } = await look(kernel, marks, wanted);
  const { speaker } = plan;
  const daemon =
    speaker &&
    birdConfig(speaker, { marks, logFile: parts.bird.logFile, passwords: new Map() }).text.split('\n');
  return [
    ...notesOn(wanted.local, parts.settings.overrides).map(note => `# ${note}`),
    ...plan.faults.map(fault => `# ${faultText(fault)}`),
    ...held.map(one => `# ${heldText(one)}`),
    ...wordsOf(operations, marks),
    ...(daemon === undefined
      ? []
      : ['# BIRD would run by this, with the passwords where there are any:', ...daemon]),
    `# ${several(operations.length, 'operation')} for ${several(plan.peers.length, 'node')} of other clusters; nothing was changed`,
  ];
}

async function known(parts: PreviewParts): Promise<Wanted> {
  const { client, commands, marks, settings, log } = parts;
  let news = Promise.withResolvers<void>();
  const view = new ClusterView({ client, nodeName: settings.nodeName, changed: () => news.resolve(), log });
  const { signal, end } = patienceFor(
    parts,
    () => `${client.server}: ${view.incomplete ?? 'what is wanted'}`,
  );
  signal.addEventListener('abort', () => news.resolve());
  view.start();
  try {
    for (;;) {
      news = Promise.withResolvers();
      const found = wantedOf(view, await readHost(commands), settings, marks);
      if (typeof found !== 'string') {
        end();
        const able = await new Abilities(commands, marks, () => {}).of(found);
        return await withTunnels(able, { ...parts, folder: settings.stateFolder });
      }
      if (view.incomplete === undefined)
        throw new CausewayError('ROUTES_UNKNOWN', `no routes can be planned for this node: ${found}`);
      if (signal.aborted)
        throw new CausewayError('API_UNREACHABLE', `asking ${client.server} what is wanted: ${found}`);
      await news.promise;
    }
  } finally {
    end();
    await view.stop();
    client.close();
  }
}

export type CleaningParts = Pick<PreviewParts, 'commands' | 'kernel' | 'marks' | 'bird'>;

const BIRD_ENDS = '# BIRD, the BGP daemon, ends, and its routes go';

/**
 * Removes everything that bears our marks, and says as lines what that was.
 *
 * @param pretend leaves it at saying
 * @throws CausewayError KERNEL_REFUSED or BGP_DAEMON_FAILED where something would not go, KERNEL_UNREADABLE
 */
export async function cleanUp(parts: CleaningParts, pretend: boolean): Promise<string[]> {
  const { commands, kernel, marks, bird } = parts;
  const [speaks, probes] = [await bird.hasConfig(), await hasProbe(commands)];
  if (!pretend) await bird.end();
  if (!pretend) await removeProbe(commands);
  const operations = removal(await kernel.observe());
  if (operations.length === 0 && !speaks && !probes) return ['# nothing of ours is here', lookedFor(marks)];
  const lines = [
    ...(speaks ? [BIRD_ENDS] : []),
    ...(probes ? [PROBE_GOES] : []),
    ...wordsOf(operations, marks),
  ];
  if (pretend)
    return [...lines, `# ${several(operations.length, 'operation')}; nothing was changed`, lookedFor(marks)];
  const [refused] = await kernel.apply(operations);
  const left = await kernel.observe();
  if (left.size > 0) {
    const why =
      refused === undefined ? 'it came back: an agent still runs' : `${refused.what}: ${refused.message}`;
    throw new CausewayError('KERNEL_REFUSED', `removing what is ours: ${left.size} entries are left; ${why}`);
  }
  return [
    ...lines,
    `# ${several(operations.length, 'operation')}; nothing of ours is left`,
    lookedFor(marks),
  ];
}

/** What an agent with other settings left is not seen. */
function lookedFor(marks: Marks): string {
  const { table, preference, nftTable, bgp } = marks;
  const devices = [...devicesOf(marks).keys()];
  return (
    `# looked for: devices ${devices.join(', ')}; routing tables ${table} and ${bgp.table}; rules of preference ` +
    `${preference} and ${bgp.preference}; nftables table ${nftTable}. What an agent with other settings made is found by those`
  );
}
