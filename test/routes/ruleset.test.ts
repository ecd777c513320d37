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

test('a device whose name begins like ours is treated like any other', () => {
  const elsewhere = { goto: { target: 'from-elsewhere' } };
  const matches =
    chainsOf(MARKS)
      .find(({ name }) => name === 'sources')
      ?.rules.map(({ match }) => match) ?? [];
  expect([matches[0]?.at(-1), matches.at(-1)]).toEqual([elsewhere, [elsewhere]]);
});

test.each(['4', '6'])('what is sealed (IPv%s) leaves by a device that encrypts, and by no other', version => {
  const [devices] =
    /"right":\{"set":(\[[^\]]*\])\}/.exec(matchOf('leaving', `clear-out${version}`))?.slice(1) ?? [];
  expect(JSON.parse(devices ?? '')).toEqual(ENCRYPTED);
});
