import { CausewayError } from '../base/errors.ts';
import { MARKS, type Marks } from '../routes/model.ts';
import type { AgentConfig } from './agent-settings.ts';
import { flagOf } from './setting.ts';

/** Settings that must not be equal: their parts would take each other's for their own, at every look anew. */
const APART: readonly (readonly (keyof AgentConfig)[])[] = [
  ['routeTable', 'bgpTable'],
  ['vxlanDevice', 'wireguardDevice'],
];

/** Devices that no setting names. */
const FIXED = [
  ['the IPIP device', MARKS.ipip],
  ['the second WireGuard device', MARKS.wireguard.detour],
] as const;

/**
 * What bears our marks, as the settings say.
 *
 * @throws CausewayError SETTING_INVALID where two parts would take each other's for their own
 */
export function marksOf(config: AgentConfig): Marks {
  for (const names of APART) {
    for (const [index, name] of names.entries()) {
      const other = names.slice(0, index).find(before => config[before] === config[name]);
      if (other !== undefined) throw mustDiffer(name, config[name], flagOf(other));
    }
  }
  for (const name of ['vxlanDevice', 'wireguardDevice'] as const)
    for (const [other, { device }] of FIXED)
      if (config[name] === device) throw mustDiffer(name, config[name], other);
  return {
    ...MARKS,
    table: config.routeTable,
    preference: config.rulePreference,
    bgp: { table: config.bgpTable, preference: config.rulePreference + 1, port: config.bgpPort },
    vxlan: { device: config.vxlanDevice, vni: config.vxlanVni, port: config.vxlanPort },
    wireguard: {
      device: config.wireguardDevice,
      port: config.wireguardPort,
      detour: { ...MARKS.wireguard.detour, port: config.wireguardPort + 1 },
    },
  };
}

/** @throws CausewayError SETTING_INVALID for ways that can never be taken */
export function checkModes(modes: AgentConfig['modes']): void {
  const behind = modes.slice(modes.indexOf('none') + 1);
  if (!modes.includes('none') || behind.length === 0) return;
  throw new CausewayError(
    'SETTING_INVALID',
    `--modes: found ${modes.join(',')}, and none always can: must be last, or not there`,
  );
}

function mustDiffer(name: string, found: unknown, other: string): CausewayError {
  return new CausewayError('SETTING_INVALID', `${flagOf(name)}: found ${found}, must not be ${other}'s too`);
}
