import { expect, test } from 'vitest';
import { type AgentConfig, agentSettings } from '../../src/apps/agent-settings.ts';
import { type Given, readSettings } from '../../src/apps/setting.ts';
import { MARKS } from '../../src/routes/model.ts';

function read(flags: Given['flags'] = {}): AgentConfig {
  return readSettings(agentSettings, { flags, operands: {}, environment: {} });
}

test('the defaults: VXLAN with the marks that all agents have', () => {
  expect(read()).toMatchObject({
    kubeconfig: undefined,
    nodeName: undefined,
    modes: ['vxlan'],
    underlayDevice: undefined,
    underlayMtu: undefined,
    underlayAddress: [],
    sourceAddress: [],
    serviceCidr: [],
    vxlanDevice: MARKS.vxlan.device,
    vxlanPort: MARKS.vxlan.port,
    vxlanVni: MARKS.vxlan.vni,
    routeTable: MARKS.table,
    rulePreference: MARKS.preference,
    dryRun: false,
    clean: false,
    httpListen: { address: '127.0.0.1', port: 9355 },
  });
});

test.each<[keyof AgentConfig, string, unknown]>([
  ['nodeName', 'ip-10-0-0-1.eu-west-1.compute.internal', 'ip-10-0-0-1.eu-west-1.compute.internal'],
  ['modes', 'direct, vxlan', ['direct', 'vxlan']],
  ['underlayDevice', 'eth0.100', 'eth0.100'],
  ['underlayAddress', '192.0.2.1,2001:DB8::1', ['192.0.2.1', '2001:db8::1']],
  ['underlayMtu', '1500', 1500],
  ['vxlanPort', '8473', 8473],
  ['dryRun', 'true', true],
])('%s %s', (name, text, value) => {
  expect(read({ [name]: [text] })[name]).toEqual(value);
});

test.each<[keyof AgentConfig, string, string]>([
  ['modes', 'vxlan,carrier-pigeon', '--modes: found "carrier-pigeon", must be one of vxlan, '],
  ['nodeName', 'Worker 1', '--node-name: found "Worker 1", must be the name of a Node'],
  [
    'underlayDevice',
    'eth0; reboot',
    '--underlay-device: found "eth0; reboot", must be the name of a network device',
  ],
  [
    'vxlanDevice',
    'causeway-vxlan-0',
    '--vxlan-device: found "causeway-vxlan-0", must be a name that begins with "causeway-"',
  ],
  ['vxlanDevice', 'cni0', '--vxlan-device: found "cni0", must be a name that begins with "causeway-"'],
  ['wireguardDevice', 'lo', '--wireguard-device: found "lo", must be a name that begins with "causeway-"'],
  ['underlayMtu', '1279', '--underlay-mtu: found "1279", must be a number of octets from 1280 to 65535'],
  ['serviceCidr', '10.96.0.1/12', '--service-cidr: found "10.96.0.1/12", must be an address block'],
  ['vxlanVni', '16777216', '--vxlan-vni: found "16777216", must be a VXLAN network from 1 to 16777215'],
  ['routeTable', '254', '--route-table: found "254", must be a routing table from 256'],
  ['rulePreference', '32766', '--rule-preference: found "32766", must be a preference from 1'],
])('%s %s is refused, in words', (name, text, message) => {
  expect(() => read({ [name]: [text] })).toThrow(message);
});
