import { Lab } from '../../test/e2e/kernel/lab.ts';
import type { Namespace } from '../../test/e2e/kernel/namespace.ts';
import { type Running, run, start } from '../../test/e2e/kit/process.ts';
import { waitFor } from '../../test/e2e/kit/wait.ts';
import { percentile } from '../sync/statistics.ts';
import type { Row } from '../sync/table.ts';
import { WAYS, type Way } from './by-hand.ts';

const SECONDS = 2;

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
    rows.push(await measureWay(way, rounds));
  }
  return rows;
}

async function measureWay(way: Way, rounds: number): Promise<Row> {
  const agents = await pairOf(way, false);
  const hand = await pairOf(way, true);
  try {
    // What else the machine does shall fall upon both: they take turns, and in turns who is first.
    for (let round = 0; round < rounds; round++)
      for (const pair of round % 2 === 0 ? [agents, hand] : [hand, agents])
        pair.rates.push(await rateOf(pair));
  } finally {
    for (const { server, lab } of [agents, hand]) {
      await server.stop();
      await lab.remove();
    }
  }
  const ratio = percentile(agents.rates, 0.5) / percentile(hand.rates, 0.5);
  return {
    what: `one TCP stream by ${way.mode}, by the agent / by hand, Gbit/s; ratio of the medians of ${rounds}`,
    measured: `${spreadOf(agents.rates)} / ${spreadOf(hand.rates)}; ${ratio.toFixed(3)}`,
    target: { said: '≥ 0.97', met: ratio >= 0.97 },
  };
}

async function pairOf({ mode, routed, commands }: Way, byHand: boolean): Promise<Pair> {
  const lab = await Lab.of([mode], { routed, byHand });
  const { here, there } = lab;
  if (byHand) {
    for (const [self, other] of [
      [here, there],
      [there, here],
    ] as const) {
      // Nobody by hand has what keeps sources from being masqueraded, so that there is no masquerade.
      for (const line of ['nft flush chain inet plugin postrouting', ...commands(self, other)])
        await done(self.node, line);
    }
  }
  const [command = '', ...before] = there.pod.inside;
  const server = start(command, [...before, 'iperf3', '--server']);
  const pair = { lab, server, rates: [] };
  await waitFor('the server answers', () => rateOf(pair));
  return pair;
}

async function rateOf({ lab: { here, there } }: Pair): Promise<number> {
  const [command = '', ...before] = here.pod.inside;
  const words = ['iperf3', '--client', there.podAddresses.IPv4, '--time', `${SECONDS}`, '--json'];
  const { end } = JSON.parse(await run(command, [...before, ...words])) as {
    readonly end: { readonly sum_received: { readonly bits_per_second: number } };
  };
  return end.sum_received.bits_per_second / 1e9;
}

async function done({ commands }: Namespace, line: string): Promise<void> {
  const [program = '', ...words] = line.split(' ');
  const { code, errors } = await commands.run(program, words);
  if (code !== 0) throw new Error(`${line}: ${errors}`);
}

function spreadOf(rates: readonly number[]): string {
  const [least, most] = [Math.min(...rates), Math.max(...rates)];
  return `${percentile(rates, 0.5).toFixed(2)} (${least.toFixed(2)}–${most.toFixed(2)})`;
}
