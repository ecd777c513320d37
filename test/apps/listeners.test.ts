import { expect, test } from 'vitest';
import { checkListeners } from '../../src/apps/listeners.ts';
import { readSettings } from '../../src/apps/setting.ts';
import { dnsSettings } from '../../src/apps/settings.ts';

function check(listen: string, httpListen: string): void {
  const flags = { listen: [listen], httpListen: [httpListen] };
  checkListeners(readSettings(dnsSettings, { flags, operands: {}, environment: {} }));
}

test.each([
  {
    row: 'DNS and pages on one port',
    listen: '127.0.0.1:9353',
    http: '127.0.0.1:9353',
    refused: '--http-listen: found 127.0.0.1:9353, which --listen 127.0.0.1:9353 takes; must be another port',
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
