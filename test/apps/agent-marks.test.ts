import { expect, test } from 'vitest';
import { checkModes, marksOf } from '../../src/apps/agent-marks.ts';
import { agentSettings } from '../../src/apps/agent-settings.ts';
import { readSettings } from '../../src/apps/setting.ts';
import { MARKS, type Marks } from '../../src/routes/model.ts';

function marks(flags: Readonly<Record<string, string>>): Marks {
  const given = Object.entries(flags).map(([name, text]) => [name, [text]] as const);
  const flagged = { flags: Object.fromEntries(given), operands: {}, environment: {} };
  return marksOf(readSettings(agentSettings, flagged));
}

test('those that all agents have, unless told otherwise', () => {
  expect(marks({})).toEqual(MARKS);
});

test('those of the settings, with the rule of BGP behind the other', () => {
  const told = marks({
    routeTable: '900',
    rulePreference: '50',
    vxlanDevice: 'causeway-a',
    vxlanPort: '4795',
    wireguardPort: '51820',
  });
  expect(told).toEqual({
    ...MARKS,
    table: 900,
    preference: 50,
    bgp: { ...MARKS.bgp, preference: 51 },
    vxlan: { ...MARKS.vxlan, device: 'causeway-a', port: 4795 },
    wireguard: { ...MARKS.wireguard, port: 51_820, detour: { device: 'causeway-detour', port: 51_821 } },
  });
});

test.each([
  { flags: { bgpTable: '7795' }, says: "--bgp-table: found 7795, must not be --route-table's too" },
  {
    flags: { vxlanDevice: 'causeway-wg' },
    says: "--wireguard-device: found causeway-wg, must not be --vxlan-device's too",
  },
  {
    flags: { wireguardDevice: 'causeway-ipip' },
    says: "--wireguard-device: found causeway-ipip, must not be the IPIP device's too",
  },
  {
    flags: { vxlanDevice: 'causeway-detour' },
    says: "--vxlan-device: found causeway-detour, must not be the second WireGuard device's too",
  },
])('$flags: $says', ({ flags, says }) => {
  expect(() => marks(flags as unknown as Readonly<Record<string, string>>)).toThrow(says);
});

test('a way behind none would never be taken', () => {
  expect(() => checkModes(['none', 'vxlan'])).toThrow('--modes: found none,vxlan, and none always can');
  for (const modes of [['vxlan'], ['none'], ['direct', 'none']] as const)
    expect(() => checkModes(modes)).not.toThrow();
});
