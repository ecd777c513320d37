import { fileURLToPath } from 'node:url';
import { MARKS, type Mode } from '../../src/routes/model.ts';
import { Lab, type LabNode } from '../../test/e2e/kernel/lab.ts';
import type { Namespace } from '../../test/e2e/kernel/namespace.ts';
import { run } from '../../test/e2e/kit/process.ts';
import type { Row } from '../sync/table.ts';
import { spread } from './spread.ts';

/** Of the user's data in each datagram: what a network carries of these is bounded by their number. */
const OCTETS = 200;
const SENDER = fileURLToPath(new URL('datagrams.ts', import.meta.url));
/** Takes what comes to the port, and says nothing. */
const SINK = 'table inet sink { chain input { type filter hook input priority 0; udp dport 9 drop; }; }';
/** Those of ours that every packet comes by; one for NAT is asked about the first of a connection only. */
const CHAINS = ['sources', 'encapsulated', 'untracked', 'leaving'] as const;

/** What it takes longer to bring a datagram from pod to pod because our chains are there. */
export async function measureFirewall(rounds: number, progress: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const mode of ['direct', 'vxlan'] as const) {
    progress(`datagrams by ${mode}, with our chains and without`);
    rows.push(await measureMode(mode, rounds));
  }
  return rows;
}

async function measureMode(mode: Mode, rounds: number): Promise<Row> {
  const lab = await Lab.of([mode], { routed: mode !== 'direct' });
  try {
    // They would mend what is taken away.
    for (const { agent } of lab.nodes) await agent?.kill();
    const { here, there } = lab;
    const tables = await Promise.all([here, there].map(async node => [node, await tableOf(node)] as const));
    await nft(there.pod, ['-f', '-'], SINK);
    await nanosecondsOf(lab);
    const [whole, without]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      for (const [node] of tables) await withoutChains(node);
      without.push(await nanosecondsOf(lab));
      for (const [node, table] of tables) await restore(node, table);
      whole.push(await nanosecondsOf(lab));
    }
    const more = whole.map((one, round) => one - (without[round] ?? Number.NaN));
    return {
      what: `a datagram of ${OCTETS} octets by ${mode} through two nodes, with the chains of the agent / without those that all packets come by; the difference of each round`,
      measured: `${[whole, without, more].map(values => spread(values).text).join(' / ')} ns`,
    };
  } finally {
    await lab.remove();
  }
}

/** The processor that sends also brings each of them to the other pod. */
async function nanosecondsOf({ here, there }: Lab): Promise<number> {
  const [command = '', ...before] = here.pod.inside;
  const sender = ['taskset', '--cpu-list', '0', process.execPath, SENDER];
  return Number(await run(command, [...before, ...sender, there.podAddresses.IPv4, `${OCTETS}`]));
}

async function tableOf({ node }: LabNode): Promise<string> {
  return nft(node, ['list', 'table', 'inet', MARKS.nftTable]);
}

async function withoutChains({ node }: LabNode): Promise<void> {
  for (const chain of CHAINS) {
    await nft(node, ['flush', 'chain', 'inet', MARKS.nftTable, chain]);
    await nft(node, ['delete', 'chain', 'inet', MARKS.nftTable, chain]);
  }
}

async function restore({ node }: LabNode, table: string): Promise<void> {
  await nft(node, ['-f', '-'], `delete table inet ${MARKS.nftTable}\n${table}`);
}

async function nft({ commands }: Namespace, words: readonly string[], input?: string): Promise<string> {
  const { code, output, errors } = await commands.run('nft', words, input);
  if (code !== 0) throw new Error(`nft ${words.join(' ')}: ${errors}`);
  return output;
}
