import type { Mode } from '../model.ts';
import { bgp } from './bgp.ts';
import { direct } from './direct.ts';
import type { Encapsulation } from './encapsulation.ts';
import { ipip } from './ipip.ts';
import { none } from './none.ts';
import { vxlan } from './vxlan.ts';
import { wireguard } from './wireguard.ts';

/** One file each, and a line here. */
export const ENCAPSULATIONS: readonly Encapsulation[] = [vxlan, wireguard, ipip, direct, bgp, none];

const BY_MODE = new Map(ENCAPSULATIONS.map(encapsulation => [encapsulation.mode, encapsulation]));

export function encapsulationOf(mode: Mode): Encapsulation {
  const found = BY_MODE.get(mode);
  if (found === undefined) throw new Error(`no encapsulation is called ${mode}`);
  return found;
}
