import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MARKS } from '../../../src/routes/model.ts';
import { run } from '../kit/process.ts';
import { staysFor, waitFor } from '../kit/wait.ts';
import { pidOfBird } from './birds.ts';
import { Lab } from './lab.ts';

const LONG = 180_000;

let lab: Lab;

async function answers(): Promise<boolean> {
  const { here, there } = lab;
  const seen = await lab.inside(here.pod, 'pod.ts', 'ask', there.podAddresses.IPv4);
  return seen.includes(here.podAddresses.IPv4);
}

/** What of this name runs on node 1 of cluster 1. */
async function running(program: string): Promise<number[]> {
  const pids = (await run('ip', ['netns', 'pids', lab.here.node.name])).split('\n').filter(Boolean);
  const named = await Promise.all(
    pids.map(async pid => {
      const { output } = await lab.here.node.commands.run('cat', [`/proc/${pid}/comm`]);
      return output.trim() === program ? [Number(pid)] : [];
    }),
  );
  return named.flat();
}

async function byWireGuard(): Promise<void> {
  const { here, there } = lab;
  const words = ['route', 'get', there.podAddresses.IPv4];
  await waitFor(
    'an answer by WireGuard',
    async () => `${(await here.node.commands.run('ip', words)).output} ${await answers()}`,
    seen => seen.includes(` dev ${MARKS.wireguard.device} `) && seen.endsWith('true'),
    90_000,
  );
}

const saidSince = (mark: number): string => lab.here.agent?.output().slice(mark) ?? '';

describe('wireguard-go, with encryption preferred', () => {
  beforeAll(async () => {
    lab = await Lab.of(['vxlan'], { routed: true, encryption: 'Preferred' });
  }, LONG);
  afterAll(() => lab.remove());

  test(
    'by VXLAN within 20 s; when it wakes it ends, and another encrypts',
    async () => {
      const [hung = 0] = await running('wireguard-go');
      await byWireGuard();
      const begun = Date.now();
      const since = (): string => `${((Date.now() - begun) / 1_000).toFixed(1)} s`;
      process.kill(hung, 'SIGSTOP');
      await waitFor('no answer', answers, seen => !seen);
      await waitFor('an answer', answers, Boolean, 20_000);
      console.log(`wireguard-go hangs: packets get through after ${since()}`);
      await waitFor(
        'another process',
        () => running('wireguard-go'),
        seen => seen.some(pid => pid !== hung),
        60_000,
      );
      process.kill(hung, 'SIGCONT');
      await waitFor(
        'it ends',
        () => running('wireguard-go'),
        seen => !seen.includes(hung),
      );
      await byWireGuard();
      console.log(`by WireGuard after ${since()}`);
      expect(await running('wireguard-go')).toHaveLength(1);
    },
    LONG,
  );
});

describe('BIRD', () => {
  beforeAll(async () => {
    lab = await Lab.of(['bgp'], { routed: false, bgp: () => ({ as: 64_512, routers: [] }) });
    await waitFor('an answer', answers, Boolean, 60_000);
  }, LONG);
  afterAll(() => lab.remove());

  test(
    'routes stay, it is said within 15 s, and who asks does not pile up',
    async () => {
      const pid = pidOfBird(lab.folderOf(lab.here)) ?? 0;
      const mark = lab.here.agent?.output().length ?? 0;
      process.kill(pid, 'SIGSTOP');
      try {
        const { here, there } = lab;
        // Over before the neighbor's hold time, of which up to ten seconds may have gone by (RFC 4271, section 4.4).
        const streamed = lab.inside(here.pod, 'pod.ts', 'stream', there.podAddresses.IPv4, '2400');
        await waitFor(
          'the agent says so',
          () => saidSince(mark),
          said => said.includes('asking BIRD to'),
          15_000,
        );
        await staysFor(
          'one asks',
          () => running('birdc'),
          asking => asking.length <= 1,
          10_000,
        );
        expect(JSON.parse(await streamed)).toMatchObject({ sent: 2_400, answers: 2_400 });
      } finally {
        process.kill(pid, 'SIGCONT');
      }
      await waitFor(
        'it is asked again',
        () => saidSince(mark),
        said => /asking BIRD to[\s\S]*\nsessions .*Established/.test(said),
        90_000,
      );
      expect(pidOfBird(lab.folderOf(lab.here))).toBe(pid);
      expect(await answers()).toBe(true);
    },
    LONG,
  );
});
