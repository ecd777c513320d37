import { availableParallelism } from 'node:os';
import { Lab } from '../../test/e2e/kernel/lab.ts';
import { namespace } from '../../test/e2e/kernel/namespace.ts';
import { type Running, run, start } from '../../test/e2e/kit/process.ts';
import { waitFor } from '../../test/e2e/kit/wait.ts';
import { percentile } from '../sync/statistics.ts';
import type { Row } from '../sync/table.ts';
import { carryOut, makeByHand, type Surroundings, WAYS, type Way } from './by-hand.ts';

const SECONDS = 1;

/** A pair of pods, one of which sends to the other. */
interface Pair {
  readonly lab: Lab;
  readonly server: Running;
  /** Gigabits a second, of each run so far. */
  readonly rates: number[];
}

/** What one TCP stream takes from pod to pod, by each way as the agent makes it and as a hand makes it. */
export async function measureThroughput(rounds: number, progress: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const way of WAYS) {
    progress(`one TCP stream by ${way.mode}`);
    const missing = await missingOf(way);
    rows.push(
      missing === undefined
        ? await measureWay(way, rounds)
        : { what: `one TCP stream by ${way.mode}`, measured: `not run: ${missing}` },
    );
  }
  return rows;
}

async function missingOf({ missing }: Way): Promise<string | undefined> {
  const place = await namespace('asked');
  try {
    return await missing?.(place);
  } finally {
    await place.remove();
  }
}

async function measureWay(way: Way, rounds: number): Promise<Row> {
  const pairs: Pair[] = [];
  const made = async (by: 'agent' | Surroundings): Promise<Pair> => {
    const pair = await pairOf(way, by);
    pairs.push(pair);
    return pair;
  };
  try {
    const agents = await made('agent');
    const hand = await made('masquerade');
    const bare = await made('bare');
    // What else the machine does shall fall upon all: they take turns, and in turns who is first.
    for (let round = 0; round < rounds; round++)
      for (const pair of round % 2 === 0 ? pairs : pairs.toReversed()) pair.rates.push(await rateOf(pair));
    const ratios = agents.rates.map((rate, round) => rate / (hand.rates[round] ?? Number.NaN));
    const ratio = percentile(ratios, 0.5);
    const quartiles = [0.25, 0.75].map(share => percentile(ratios, share).toFixed(2)).join('–');
    return {
      what: `one TCP stream by ${way.mode}, by the agent / by hand / by hand without any firewall, Gbit/s; ratio of the first two, median of ${rounds} rounds and its quartiles`,
      measured: `${[agents, hand, bare].map(({ rates }) => spreadOf(rates)).join(' / ')}; ${ratio.toFixed(3)} (${quartiles})`,
      target: { said: '≥ 0.97', met: ratio >= 0.97 },
    };
  } finally {
    for (const { server, lab } of pairs) {
      await server.stop();
      await lab.remove();
    }
  }
}

async function pairOf(way: Way, by: 'agent' | Surroundings): Promise<Pair> {
  const lab = await Lab.of(way.modes, { ...way.options, byHand: by !== 'agent' });
  try {
    await wire(lab);
    if (by !== 'agent') await makeByHand(lab, way, by);
    const [command = '', ...before] = lab.there.pod.inside;
    const pair = { lab, server: start(command, [...before, 'iperf3', '--server']), rates: [] };
    await waitFor('the server answers', () => rateOf(pair), Boolean, 30_000);
    return pair;
  } catch (error) {
    await lab.remove();
    throw error;
  }
}

/**
 * Virtual devices hand on 64 KiB at once, or, where something took them apart, packet by packet. Here they do as
 * networks and their cards do: no frame is larger than the MTU, and who gets many puts them together.
 */
async function wire({ nodes, fabric }: Lab): Promise<void> {
  for (const { name, node } of nodes) {
    await carryOut(fabric, `ethtool -K ${name} tso off`);
    await carryOut(node, 'ethtool -K eth0 gro on');
  }
}

/** The sender on one processor and the receiver on another, so that it is not chance who has to share. */
async function rateOf({ lab: { here, there } }: Pair): Promise<number> {
  const [command = '', ...before] = here.pod.inside;
  const processors = availableParallelism() > 1 ? ['--affinity', '0,1'] : [];
  const words = [
    'iperf3',
    '--client',
    there.podAddresses.IPv4,
    '--time',
    `${SECONDS}`,
    '--json',
    ...processors,
  ];
  const { end } = JSON.parse(await run(command, [...before, ...words])) as {
    readonly end: { readonly sum_received: { readonly bits_per_second: number } };
  };
  return end.sum_received.bits_per_second / 1e9;
}

function spreadOf(rates: readonly number[]): string {
  const [least, most] = [Math.min(...rates), Math.max(...rates)];
  return `${percentile(rates, 0.5).toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
}
