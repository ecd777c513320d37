import { encrypts } from '../routes/inputs.ts';
import type { KeyFacts } from '../routes/key-change.ts';
import {
  isHeard,
  judgeFirst,
  type Moment,
  type Traffic,
  type Tunnel,
  usedPeers,
} from '../routes/liveness.ts';
import type { LocalWireGuard, Marks } from '../routes/model.ts';
import type { Commands } from './commands.ts';
import { findEngine } from './engine.ts';
import type { Wanted } from './keeper.ts';
import type { Kernel } from './kernel.ts';
import { existingKeyIn, nextKeyIn } from './private-key.ts';

/** What is thought of the tunnels of each device: by its name, and by public keys. */
export type Judged = ReadonlyMap<string, ReadonlyMap<string, Tunnel>>;

/** What is asked of tunnels. */
export type Demand = Pick<KeyFacts, 'encrypts' | 'othersChange' | 'elsewhere'>;

export interface PeekParts {
  readonly commands: Commands;
  readonly kernel: Kernel;
  readonly marks: Marks;
  /** Where the private key is. */
  readonly folder: string;
  /** Seconds since the epoch. */
  readonly unixSeconds: () => number;
}

/**
 * What is wanted, with what `Tunnels` would say at their start. Makes nothing: where there is no key yet, the public
 * one is empty.
 *
 * @throws CausewayError KEY_UNUSABLE, KERNEL_UNREADABLE
 */
export async function withTunnels(wanted: Wanted, parts: PeekParts): Promise<Wanted> {
  const { commands, marks, folder, unixSeconds } = parts;
  const demand = demandOf(wanted);
  const engine = demand.encrypts ? await findEngine(commands, marks.wireguard.device) : undefined;
  if (engine === undefined) return wanted;
  const [key, next] = [await existingKeyIn(folder), await nextKeyIn(folder)];
  const devices = devicesFor(demand.othersChange || next !== undefined, marks);
  const judged = await firstLook(parts.kernel, devices, { now: 0, epoch: unixSeconds() });
  return withLocal(wanted, localOf(engine, key?.publicKey ?? '', next?.publicKey, judged, marks));
}

export function withLocal(wanted: Wanted, wireguard: LocalWireGuard | undefined): Wanted {
  return wireguard === undefined ? wanted : { ...wanted, local: { ...wanted.local, wireguard } };
}

export function demandOf({ policies, nodes }: Pick<Wanted, 'policies' | 'nodes'>): Demand {
  const encrypted = new Set(policies.filter(encrypts).map(({ cluster }) => cluster));
  const elsewhere = new Map<string, string>();
  let othersChange = false;
  for (const { cluster, wireguardPublicKey: present, wireguardNextPublicKey: next } of nodes) {
    if (next === undefined || !encrypted.has(cluster)) continue;
    othersChange = true;
    if (present !== undefined) elsewhere.set(present, next).set(next, present);
  }
  return { encrypts: encrypted.size > 0, othersChange, elsewhere };
}

/** While no key changes there is one device, and only that is looked at. */
export function devicesFor(isChanging: boolean, { wireguard }: Marks): string[] {
  return [wireguard.device, ...(isChanging ? [wireguard.detour.device] : [])];
}

/** What an agent before this one thought is told by its routes. */
export async function firstLook(kernel: Kernel, devices: readonly string[], at: Moment): Promise<Judged> {
  const samples = new Map<string, ReadonlyMap<string, Traffic>>();
  for (const device of devices) samples.set(device, await kernel.traffic(device));
  const isNew = [...samples.values()].every(({ size }) => size === 0);
  const there = isNew ? [] : [...(await kernel.observe()).values()];
  return new Map(
    Array.from(samples, ([device, traffic]) => {
      const other = devices.find(one => one !== device) ?? '';
      const used = { here: usedPeers(there, device, device), there: usedPeers(there, device, other) };
      return [device, judgeFirst(traffic, used, at)];
    }),
  );
}

export function localOf(
  engine: LocalWireGuard['engine'],
  publicKey: string,
  nextPublicKey: string | undefined,
  judged: Judged,
  { wireguard }: Marks,
): LocalWireGuard {
  const keysOn = (device: string, holds: (tunnel: Tunnel) => boolean): Set<string> => {
    const found = [...(judged.get(device) ?? [])].filter(([, tunnel]) => holds(tunnel));
    return new Set(found.map(([key]) => key));
  };
  const { device, detour } = wireguard;
  return {
    engine,
    publicKey,
    ...(nextPublicKey === undefined ? {} : { nextPublicKey }),
    answering: keysOn(device, ({ answering }) => answering),
    ...(judged.has(detour.device) ? { answeringOnDetour: keysOn(detour.device, isHeard) } : {}),
  };
}
