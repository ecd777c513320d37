import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keyIn, makeNextKey } from '../../../src/kernel/private-key.ts';
import type { PublishedKeys } from '../../../src/kernel/tunnels.ts';
import type { Encryption } from '../../../src/objects/shapes.ts';
import { MARKS } from '../../../src/routes/model.ts';
import { waitFor } from '../kit/wait.ts';
import { Lab, type LabNode } from './lab.ts';
import { Wire } from './wire.ts';

const { device, detour } = MARKS.wireguard;
const LONG = 240_000;

let lab: Lab;
let wire: Wire;
let stopRelaying: () => Promise<void>;
/** Nodes whose controllers know nothing of next keys, so that nobody hears of theirs, nor they of others'. */
let old: Set<LabNode>;

async function labWith(encryption: Encryption): Promise<void> {
  lab = await Lab.of(['vxlan'], { routed: true, encryption });
  wire = await Wire.between(lab);
  old = new Set();
  stopRelaying = relaying();
}

async function remove(): Promise<void> {
  await stopRelaying();
  await lab.remove();
}

/** Tells everybody which keys the nodes publish, as controllers do: a second later. */
function relaying(): () => Promise<void> {
  let isOver = false;
  const told = new Map<LabNode, string>();
  const done = (async () => {
    while (!isOver) {
      const before = [...told.values()].join();
      for (const node of lab.nodes) {
        const said = [...(node.agent?.output() ?? '').matchAll(/^\{"published":(\{.*\})\}$/gm)].at(-1)?.[1];
        if (said !== undefined) told.set(node, said);
      }
      await sleep(1_000);
      if ([...told.values()].join() === before) continue;
      for (const [node, said] of told) node.keys = keysOf(JSON.parse(said));
      await lab.tell();
    }
  })();
  return () => {
    isOver = true;
    return done;
  };
}

function keysOf({
  wireguardPublicKey: publicKey,
  wireguardNextPublicKey: nextPublicKey,
}: PublishedKeys): PublishedKeys {
  return {
    ...(publicKey === undefined ? {} : { wireguardPublicKey: publicKey }),
    ...(nextPublicKey === undefined || old.size > 0 ? {} : { wireguardNextPublicKey: nextPublicKey }),
  };
}

/** The device that a node sends by to the pod of another. */
async function deviceTo(from: LabNode, to: LabNode): Promise<string> {
  const { output } = await from.node.commands.run('ip', ['route', 'get', to.podAddresses.IPv4]);
  return / dev (\S+)/.exec(output)?.[1] ?? 'none';
}

/** All nodes reach all of the other cluster encrypted, and nobody has a second device. */
async function atRest(): Promise<void> {
  const others = lab.nodes.flatMap(from =>
    lab.nodes.filter(({ cluster }) => cluster !== from.cluster).map(to => [from, to] as const),
  );
  await waitFor(
    'every way by WireGuard, and no second device',
    async () => {
      const ways = await Promise.all(others.map(([from, to]) => deviceTo(from, to)));
      const second = await Promise.all(lab.nodes.map(({ node }) => secondDevice(node)));
      return [...ways.filter(way => way !== device), ...second.filter(one => one !== 'none')];
    },
    wrong => wrong.length === 0,
    LONG,
  );
}

async function secondDevice({ commands, tunnelProcess }: LabNode['node']): Promise<string> {
  const { code } = await commands.run('ip', ['link', 'show', detour.device]);
  return code === 0 || (await tunnelProcess(detour.device)) !== undefined ? detour.device : 'none';
}

/** Packets both ways all the time, until the keys have changed; what was lost of them, and what was not encrypted. */
async function changing(
  nodes: readonly LabNode[],
  seconds: number,
  meanwhile = async (): Promise<void> => {},
) {
  await wire.passed();
  const { here, there } = lab;
  const streams = Promise.all([wire.stream(here, there, seconds), wire.stream(there, here, seconds)]);
  await sleep(1_000);
  const begun = Date.now();
  const keys = await Promise.all(nodes.map(node => makeNextKey(lab.folderOf(node))));
  await meanwhile();
  await waitFor(
    'the new keys are published, and nothing else',
    () => nodes.map(({ keys: known }) => JSON.stringify(known)),
    known =>
      known.join() === keys.map(({ publicKey }) => JSON.stringify({ wireguardPublicKey: publicKey })).join(),
    LONG,
  );
  await atRest();
  const took = (Date.now() - begun) / 1_000;
  const streamed = await streams;
  const { vxlan, clear, detour: around } = await wire.passed();
  for (const [index, node] of nodes.entries())
    expect((await keyIn(lab.folderOf(node))).publicKey).toBe(keys[index]?.publicKey);
  const lost = streamed.map(({ lost: count }) => count);
  console.log(
    `another key in ${took.toFixed(1)} s: ${lost.join(' and ')} of ${streamed[0]?.sent} packets lost`,
  );
  return { took, lost, around, clear: { vxlan, clear } };
}

/** Waits until an agent has come to a phase of the change that goes on. */
async function reached({ agent }: LabNode, phase: string): Promise<void> {
  const said = (): string => agent?.output().split('key change: done').at(-1) ?? '';
  await waitFor(phase, () => said().includes(`key change: ${phase}`), Boolean, LONG);
}

async function killAndStart(node: LabNode): Promise<void> {
  await node.agent?.kill();
  await sleep(1_000);
  const started = lab.startAgent(node).then(() => true);
  // What `wg` does is no news of the kernel's: that nothing is left to do shows when something else is.
  while (!(await Promise.race([started, sleep(3_000, false)]))) await lab.tell();
}

describe.each(['Required', 'Preferred'] as const)('two clusters, and encryption is %s', encryption => {
  beforeAll(() => labWith(encryption), LONG);
  afterAll(remove);
  beforeEach(() => atRest(), LONG);

  test(
    'a node gets another key: no packet is lost, and none goes in clear',
    async () => {
      const { lost, clear, around } = await changing([lab.here], 45);
      expect(lost).toEqual([0, 0]);
      expect(clear).toEqual({ vxlan: 0, clear: 0 });
      expect(around).toBeGreaterThan(1_000);
    },
    LONG,
  );
});

describe('two clusters that require encryption', () => {
  beforeAll(() => labWith('Required'), LONG);
  afterAll(remove);
  beforeEach(() => atRest(), LONG);

  test(
    'its agent is killed in every phase, and that at the other end, too',
    async () => {
      const { lost, clear } = await changing([lab.here], 120, async () => {
        for (const phase of ['announced', 'leaving', 'withdrawn', 'returning', 'closing']) {
          await reached(lab.here, phase);
          await Promise.all([killAndStart(lab.here), phase === 'leaving' || killAndStart(lab.there)]);
        }
      });
      expect(lost).toEqual([0, 0]);
      expect(clear).toEqual({ vxlan: 0, clear: 0 });
    },
    LONG,
  );

  test(
    'nodes of both clusters at once',
    async () => {
      const { lost, clear } = await changing([lab.here, lab.there], 75);
      expect(lost).toEqual([0, 0]);
      expect(clear).toEqual({ vxlan: 0, clear: 0 });
    },
    LONG,
  );

  test(
    'one after the other: the second waits',
    async () => {
      const { lost, clear } = await changing([lab.here], 90, async () => {
        await reached(lab.here, 'leaving');
        await makeNextKey(lab.folderOf(lab.there));
        await reached(lab.there, 'waiting');
      });
      expect(lab.there.agent?.output()).toContain('key change: done');
      expect(lost).toEqual([0, 0]);
      expect(clear).toEqual({ vxlan: 0, clear: 0 });
    },
    LONG,
  );

  test(
    'the port of the detour is closed: unreachable for a while, never in clear',
    async () => {
      await wire.cut([detour.port]);
      const { lost, clear, took } = await changing([lab.here], 75);
      await wire.mend();
      for (const count of lost) expect(count / 200).toBeLessThan(30);
      expect(took).toBeLessThan(120);
      expect(clear).toEqual({ vxlan: 0, clear: 0 });
    },
    LONG,
  );

  test(
    'nobody hears of next keys: unreachable for a while, never in clear',
    async () => {
      old.add(lab.there);
      const { lost, clear, took } = await changing([lab.here], 75);
      for (const count of lost) expect(count / 200).toBeLessThan(30);
      expect(took).toBeLessThan(120);
      expect(clear).toEqual({ vxlan: 0, clear: 0 });
    },
    LONG,
  );
});
