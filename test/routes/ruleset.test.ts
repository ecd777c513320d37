import { expect, test } from 'vitest';
import { devicesOf } from '../../src/routes/links.ts';
import { MARKS } from '../../src/routes/model.ts';
import { chainsOf } from '../../src/routes/ruleset.ts';

const ENCRYPTED = [MARKS.wireguard.device, MARKS.wireguard.detour.device];

/** What the match of a rule has in it. */
function matchOf(chain: string, about: string): string {
  const rules = chainsOf(MARKS).find(({ name }) => name === chain)?.rules ?? [];
  return JSON.stringify(rules.find(rule => rule.about === about)?.match);
}

test.each([...devicesOf(MARKS).keys()])('%s is a tunnel, in which only remote pods send', device => {
  const where = ENCRYPTED.includes(device) ? 'from-tunnel' : 'from-tunnel-in-clear';
  const leads = JSON.stringify([device, { goto: { target: where } }]);
  expect(matchOf('sources', 'tunnels')).toContain(leads);
});

test.each([
  { row: 'names of ours', vxlan: 'causeway-vx', known: 'causeway-*' },
  { row: 'names that begin alike', vxlan: 'cw0', known: 'c*' },
  { row: 'names with nothing in common', vxlan: 'mesh0', known: undefined },
])('$row: of what comes from other devices no name is looked up', ({ vxlan, known }) => {
  const marks = { ...MARKS, vxlan: { ...MARKS.vxlan, device: vxlan } };
  const [first, ...others] = chainsOf(marks).find(({ name }) => name === 'sources')?.rules ?? [];
  const left = { meta: { key: 'iifname' } };
  const skipped = [{ match: { op: '!=', left, right: known } }, { goto: { target: 'from-elsewhere' } }];
  if (known === undefined) expect(first?.about).toBe('tunnels');
  else expect(first?.match).toEqual(skipped);
  expect(others.at(-1)?.match).toEqual([{ goto: { target: 'from-elsewhere' } }]);
});

test.each(['4', '6'])('what is sealed (IPv%s) leaves by a device that encrypts, and by no other', version => {
  const [devices] =
    /"right":\{"set":(\[[^\]]*\])\}/.exec(matchOf('leaving', `clear-out${version}`))?.slice(1) ?? [];
  expect(JSON.parse(devices ?? '')).toEqual(ENCRYPTED);
});
