import { expect, test } from 'vitest';
import { type BirdContext, birdConfig } from '../../../src/routes/bgp/bird-config.ts';
import type { Session, Speaker } from '../../../src/routes/bgp/speaker.ts';
import { MARKS } from '../../../src/routes/model.ts';

const CONTEXT: BirdContext = { marks: MARKS, logFile: '/run/causeway/bird.log', passwords: new Map() };

const ROUTER: Session = {
  kind: 'router',
  local: '172.31.1.11',
  neighbor: '172.31.1.254',
  as: { own: 64_512, neighbor: 64_500 },
  accepts: [
    { cidr: '10.21.1.0/24', mtu: 1_500 },
    { cidr: '10.21.2.0/24', mtu: 1_400 },
  ],
};
const NODE: Session = {
  kind: 'node',
  local: 'fd00:31::11',
  neighbor: 'fd00:31::41',
  as: { own: 4_200_007_795, neighbor: 4_200_007_795 },
  accepts: [{ cidr: 'fd00:21:1::/64', mtu: 1_500 }],
};

function speaker(sessions: readonly Session[], rest: Partial<Speaker> = {}): Speaker {
  const [announces, source] = ['10.11.1.0/24', '10.11.1.0'];
  return {
    id: '172.31.1.11',
    mtu: 1_500,
    families: [{ family: 'IPv4', announces: [announces], source, sessions }],
    ...rest,
  };
}

test('with a router', async () => {
  const { text } = birdConfig(speaker([ROUTER]), CONTEXT);
  await expect(text).toMatchFileSnapshot('router.conf');
});

test('with a node on the same link, by IPv6, with a password', async () => {
  const families = [{ family: 'IPv6', announces: ['fd00:11:1::/64'], sessions: [NODE] } as const];
  const passwords = new Map([['fd00:31::41', 'pass phrase; #1']]);
  const { text } = birdConfig(speaker([], { families }), { ...CONTEXT, passwords });
  await expect(text).toMatchFileSnapshot('node.conf');
});

test('of a router that has nothing to bring nothing is taken', () => {
  const { text } = birdConfig(speaker([{ ...ROUTER, accepts: [] }]), CONTEXT);
  expect(text).toContain(
    'gateway direct;\n    receive limit 1000000 action restart;\n    import none;\n    export filter',
  );
});

test('the fingerprint is that of all there is, passwords included', () => {
  const prints = [
    birdConfig(speaker([ROUTER]), CONTEXT),
    birdConfig(speaker([ROUTER]), CONTEXT),
    birdConfig(speaker([]), CONTEXT),
    birdConfig(speaker([ROUTER]), { ...CONTEXT, passwords: new Map([['172.31.1.254', 'a']]) }),
    birdConfig(speaker([ROUTER]), { ...CONTEXT, passwords: new Map([['172.31.1.254', 'b']]) }),
  ].map(({ fingerprint }) => fingerprint);
  expect(new Set(prints).size).toBe(4);
  expect(prints[0]).toBe(prints[1]);
});

const NO_WORDS = [
  '10.0.0.0/8; reject',
  '0.0.0.0/0 blackhole; #',
  '10.21.1.0/24\n',
  '10.21.1.1/24',
  '',
  '10.21.1.0',
];

test.each([
  ...NO_WORDS.map(cidr => ({
    row: `block ${JSON.stringify(cidr)}`,
    session: { accepts: [{ cidr, mtu: 1_500 }] },
  })),
  { row: 'neighbor', session: { neighbor: '172.31.1.254 as 1; }' } },
  { row: 'own address', session: { local: '172.31.1.11"' } },
  { row: 'number', session: { as: { own: 1.5, neighbor: 64_500 } } },
  { row: 'number', session: { as: { own: 64_512, neighbor: 2 ** 32 } } },
])('what is none of its kind gets into no configuration: $row', ({ session }) => {
  expect(() => birdConfig(speaker([{ ...ROUTER, ...session }]), CONTEXT)).toThrow(/^not an? /);
});

test.each(['with "quotes"', 'with an\nend', '', 'gr\u00fc\u00df'])(
  'no text is %j, and a refusal does not tell it',
  secret => {
    const passwords = new Map([['172.31.1.254', secret]]);
    const refused = (): unknown => birdConfig(speaker([ROUTER]), { ...CONTEXT, passwords });
    expect(refused).toThrow('a text with quotes');
    if (secret !== '') expect(refused).not.toThrow(secret);
  },
);
