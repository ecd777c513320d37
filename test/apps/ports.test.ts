import { describe, expect, test } from 'vitest';
import { agentPorts } from '../../src/apps/agent-ports.ts';
import { agentSettings } from '../../src/apps/agent-settings.ts';
import { dnsPorts } from '../../src/apps/dns-ports.ts';
import { checkPorts } from '../../src/apps/ports.ts';
import { readSettings } from '../../src/apps/setting.ts';
import { dnsSettings } from '../../src/apps/settings.ts';

/** What was typed: `--listen 127.0.0.1:53 ...`. */
function given(flags: Readonly<Record<string, string>>) {
  const texts = Object.entries(flags).map(([name, text]) => [name, [text]] as const);
  return { flags: Object.fromEntries(texts), operands: {}, environment: {} };
}

describe('DNS', () => {
  const check = (listen: string, httpListen: string): void =>
    checkPorts(dnsPorts(readSettings(dnsSettings, given({ listen, httpListen }))));

  test.each([
    {
      row: 'DNS and pages on one port',
      listen: '127.0.0.1:9353',
      http: '127.0.0.1:9353',
      refused:
        '--http-listen: found 127.0.0.1:9353, which --listen 127.0.0.1:9353 takes; must be another port',
    },
    {
      row: 'pages at one of all addresses',
      listen: '[::1]:53,0.0.0.0:9353',
      http: '127.0.0.1:9353',
      refused: '--http-listen: found 127.0.0.1:9353, which --listen 0.0.0.0:9353 takes; must be another port',
    },
    {
      row: 'one address twice',
      listen: '127.0.0.1:53,[::1]:53,127.0.0.1:53',
      http: '127.0.0.1:9353',
      refused: '--listen: found 127.0.0.1:53, which --listen 127.0.0.1:53 takes; must be another port',
    },
    {
      row: 'one address twice in other words',
      listen: '[::1]:53,[0:0::1]:53',
      http: '127.0.0.1:9353',
      refused: '--listen: found [::1]:53, which --listen [::1]:53 takes; must be another port',
    },
    {
      row: 'one address, and all',
      listen: '[fd00::1]:53,[::]:53',
      http: '127.0.0.1:9353',
      refused: '--listen: found [::]:53, which --listen [fd00::1]:53 takes; must be another port',
    },
  ])('$row: refused', ({ listen, http, refused }) => {
    expect(() => check(listen, http)).toThrow(refused);
  });

  test.each([
    { row: 'ports apart', listen: '0.0.0.0:53,[::]:53', http: '0.0.0.0:9353' },
    { row: 'addresses apart', listen: '127.0.0.1:53,127.0.0.2:53', http: '127.0.0.3:53' },
    { row: 'families apart', listen: '0.0.0.0:53', http: '[::]:53' },
    { row: 'ports that the system chooses', listen: '127.0.0.1:0,127.0.0.1:0', http: '127.0.0.1:0' },
  ])('$row: taken', ({ listen, http }) => {
    expect(() => check(listen, http)).not.toThrow();
  });
});

describe('the agent', () => {
  const check = (flags: Readonly<Record<string, string>>): void =>
    checkPorts(agentPorts(readSettings(agentSettings, given(flags))));

  test.each<[flags: Readonly<Record<string, string>>, refused: string]>([
    [{ wireguardPort: '4795' }, '--wireguard-port: found 4795, which --vxlan-port 4795 takes'],
    [
      { wireguardPort: '4794' },
      '--wireguard-port: found 4794 with 4795 after it, which --vxlan-port 4795 takes',
    ],
    [
      { wireguardPort: '7794' },
      '--probe-port: found 7795, which --wireguard-port 7794 with 7795 after it takes',
    ],
    [{ vxlanPort: '7795' }, '--probe-port: found 7795, which --vxlan-port 7795 takes'],
    [{ probePort: '4796' }, '--probe-port: found 4796, which --bgp-port 4796 takes'],
    [{ httpListen: '0.0.0.0:4796' }, '--http-listen: found 0.0.0.0:4796, which --bgp-port 4796 takes'],
    [{ httpListen: '[::]:7795' }, '--http-listen: found [::]:7795, which --probe-port 7795 takes'],
    [{ httpListen: '192.0.2.1:7795' }, '--http-listen: found 192.0.2.1:7795, which --probe-port 7795 takes'],
  ])('%j is refused', (flags, refused) => {
    expect(() => check(flags)).toThrow(`${refused}; must be another port`);
  });

  test.each([
    { row: 'the defaults', flags: {} },
    { row: 'TCP and UDP on one port', flags: { httpListen: '0.0.0.0:4795', bgpPort: '51895' } },
    { row: 'pages at a loopback address, where no other node asks', flags: { httpListen: '127.0.0.1:7795' } },
    { row: 'neither probes nor a port that is known', flags: { probePort: '0', httpListen: '127.0.0.1:0' } },
    {
      row: 'pages on the port of the probes, where there are none',
      flags: { probePort: '0', httpListen: '[::]:7795' },
    },
  ])('$row: taken', ({ flags }) => {
    expect(() => check(flags)).not.toThrow();
  });
});
