import { expect, test } from 'vitest';
import { clientAddress, formatAddress, listenError, parseListenAddress } from '../../src/serve/transport.ts';

test.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::1', '::1'],
  ['fe80::1%eth0', 'fe80::1'],
  ['::ffff:0:1', '::ffff:0:1'],
])('a peer %s is the client %s', (peer, client) => {
  expect(clientAddress(peer)).toBe(client);
});

test.each(['127.0.0.1:1053', '0.0.0.0:0', '[::1]:53', '[fd00::53]:65535', '[::]:53'])('%s', text => {
  const parsed = parseListenAddress(text);
  expect(parsed === undefined ? undefined : formatAddress(parsed)).toBe(text);
});

test.each([
  '',
  '127.0.0.1',
  ':53',
  '::1:53',
  '[127.0.0.1]:53',
  '[::1]',
  '[::ffff:1.2.3.4]:53',
  'localhost:53',
  '127.1:53',
  '127.0.0.1:65536',
  '127.0.0.1:-1',
  '127.0.0.1:5 3',
])('%j is no address to listen on', text => {
  expect(parseListenAddress(text)).toBeUndefined();
});

test.each([
  ['EACCES', 'permission denied; ports below 1024 need root or CAP_NET_BIND_SERVICE'],
  ['EADDRINUSE', 'the port is in use'],
  ['EADDRNOTAVAIL', 'this machine does not have that address'],
  ['EIO', 'it broke; choose another address with --http-listen'],
])('%s is told in words', (code, words) => {
  const cause = Object.assign(new Error('it broke'), { code });
  const error = listenError('http', { address: '::1', port: 80 }, cause);
  expect(error.message).toContain(`cannot listen on [::1]:80 (http): ${words}`);
  expect(error.message).toContain('--http-listen');
  expect(error.code).toBe('LISTEN_FAILED');
});
