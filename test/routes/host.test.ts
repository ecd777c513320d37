import { describe, expect, test } from 'vitest';
import { readDevices, readGateways, readNameServers } from '../../src/routes/host.ts';

describe('what the host says of itself', () => {
  test('its devices and their addresses, as ip prints them', () => {
    const json = [
      {
        ...{ ifindex: 2, ifname: 'eth0', mtu: 1500, flags: ['UP'] },
        addr_info: [
          { family: 'inet', local: '172.31.1.11', prefixlen: 24 },
          { family: 'inet', local: '169.254.1.1', prefixlen: 32 },
          { family: 'inet6', local: 'fd00:31::11', prefixlen: 64 },
          { family: 'inet6', local: 'fe80::1', prefixlen: 64 },
          {},
        ],
      },
      { ifname: 'down0', mtu: 1400 },
    ];
    expect(readDevices(json)).toEqual([
      { name: 'eth0', mtu: 1500, addresses: ['172.31.1.11', 'fd00:31::11'] },
      { name: 'down0', mtu: 1400, addresses: [] },
    ]);
  });

  test('its gateways: of one next hop, of several, of the other family', () => {
    const json = [
      { dst: 'default', gateway: '172.31.1.1', dev: 'eth0' },
      {
        dst: 'default',
        nexthops: [{ gateway: '172.31.1.2' }, { via: { family: 'inet6', host: 'fe80::2' } }],
      },
      { dst: 'default', dev: 'wwan0', scope: 'link' },
      { dst: '10.0.0.0/8', gateway: '172.31.1.3' },
    ];
    expect(readGateways(json)).toEqual(['172.31.1.1', '172.31.1.2', 'fe80::2']);
    expect(readGateways(undefined)).toEqual([]);
  });

  test('its name servers, but for one on itself', () => {
    const file = `# made by hand
search shop.svc.cluster.local svc.cluster.local
nameserver 127.0.0.53
nameserver 192.0.2.53
nameserver\t2001:db8::53
nameserver fe80::53%eth0
nameserver nonsense
 nameserver 192.0.2.54
options ndots:5
`;
    expect(readNameServers(file)).toEqual(['192.0.2.53', '2001:db8::53', 'fe80::53']);
    expect(readNameServers('')).toEqual([]);
  });
});
