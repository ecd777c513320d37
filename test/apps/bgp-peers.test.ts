import { expect, test } from 'vitest';
import { bgpPeers } from '../../src/apps/bgp-peers.ts';

test.each([
  { row: 'none', texts: undefined, peers: [] },
  { row: 'one', texts: ['172.31.1.254,as=64500'], peers: [{ address: '172.31.1.254', as: 64_500 }] },
  {
    row: 'a flag for each',
    texts: ['172.31.1.254,as=64500,password-file=/run/secrets/tor', 'FD00:31::FE, as=4200000001'],
    peers: [
      { address: '172.31.1.254', as: 64_500, passwordFile: '/run/secrets/tor' },
      { address: 'fd00:31::fe', as: 4_200_000_001 },
    ],
  },
  {
    row: 'several in one variable',
    texts: ['172.31.1.254,as=64500,172.31.1.253,as=64501'],
    peers: [
      { address: '172.31.1.254', as: 64_500 },
      { address: '172.31.1.253', as: 64_501 },
    ],
  },
])('routers to speak to: $row', ({ texts, peers }) => {
  expect(bgpPeers.parse(texts)).toEqual(peers);
});

test.each([
  '172.31.1.254',
  'as=64500',
  '172.31.1.254,as=0',
  '172.31.1.254,as=65535',
  '172.31.1.254,as=4294967295',
  '172.31.1.254,as=64500,as=64501',
  '172.31.1.254,as=64500,password=secret',
  '172.31.1.254,as=64500,password-file=',
  'fe80::1,as=64500',
  'router,as=64500',
  '172.31.1.254 as 1; },as=64500',
])('no router: %s', text => {
  expect(() => bgpPeers.parse([text])).toThrow(/^found .*, must be an address with as=NUMBER behind it/);
});

test('one session for each router', () => {
  expect(() => bgpPeers.parse(['10.0.0.1,as=1', '10.0.0.1,as=2'])).toThrow('found 10.0.0.1 twice');
});
