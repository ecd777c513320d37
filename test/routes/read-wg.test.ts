import { expect, test } from 'vitest';
import { readTunnel } from '../../src/routes/read-wg.ts';

const [OWN, ONE, OTHER] = [
  'PRIVATE\tOWN=\t51895\toff',
  'AAA=\t(none)\t172.31.1.41:51895\t10.21.2.0/24,10.21.1.0/24\t1764540000\t92\t148\t5',
  'BBB=\t(none)\t[fd00:31::51]:51895\tfd00:31:1::/64\t0\t0\t148\toff',
];

test('wg tells what a device is and of its peers; the private key is not kept', () => {
  expect(readTunnel([OWN, ONE, OTHER].join('\n'), 'causeway-wg')).toEqual([
    { kind: 'wireguard', device: 'causeway-wg', publicKey: 'OWN=', port: 51895 },
    {
      kind: 'peer',
      device: 'causeway-wg',
      publicKey: 'AAA=',
      endpoint: '172.31.1.41:51895',
      allowedIPs: '10.21.1.0/24,10.21.2.0/24',
      keepalive: 5,
    },
    {
      kind: 'peer',
      device: 'causeway-wg',
      publicKey: 'BBB=',
      endpoint: '[fd00:31::51]:51895',
      allowedIPs: 'fd00:31:1::/64',
      keepalive: 0,
    },
  ]);
});

test('the order in which it tells of peers makes no difference', () => {
  const [one, other] = [
    [OWN, ONE, OTHER],
    [OWN, OTHER, ONE],
  ].map(lines => readTunnel(lines.join('\n'), 'causeway-wg'));
  expect(other).toEqual(one);
});
