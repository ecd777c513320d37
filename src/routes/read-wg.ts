import { parseBlock } from '../base/block.ts';
import { parseAddress } from '../base/ip.ts';
import { endpointOf } from './encapsulation/wireguard.ts';
import type { Entry } from './entry.ts';
import type { Traffic } from './liveness.ts';

/**
 * What `wg show DEVICE dump` says of the device and its peers. The first field of the first line is the private key; it
 * is in no result.
 */
export function readTunnel(dump: string, device: string): Entry[] {
  const [own = [], ...peers] = fieldsOf(dump);
  const [, publicKey = '', port = ''] = own;
  // wireguard-go tells of them in another order each time, and a list that is the same shall look the same.
  const inOrder = peers.sort(([one = ''], [other = '']) => (one < other ? -1 : 1));
  return [
    { kind: 'wireguard', device, publicKey: publicKey === NONE ? '' : publicKey, port: Number(port) },
    ...inOrder.map(
      ([key = '', , endpoint = '', allowed = '', , , , keepalive = '']): Entry => ({
        kind: 'peer',
        device,
        publicKey: key,
        endpoint: readEndpoint(endpoint),
        allowedIPs: readAllowed(allowed),
        keepalive: keepalive === 'off' ? 0 : Number(keepalive),
      }),
    ),
  ];
}

/** What the same says of the traffic with each peer, by public key. */
export function readTraffic(dump: string): Map<string, Traffic> {
  const [, ...peers] = fieldsOf(dump);
  return new Map(
    peers.map(([key = '', , , , handshake, received, sent]) => [
      key,
      { handshake: Number(handshake), received: Number(received), sent: Number(sent) },
    ]),
  );
}

const NONE = '(none)';

function fieldsOf(dump: string): string[][] {
  return dump
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.split('\t'));
}

function readEndpoint(printed: string): string {
  const [, address = '', port = ''] = /^\[?([^\]]*)\]?:(\d+)$/.exec(printed) ?? [];
  const canonical = parseAddress(address);
  return canonical === undefined ? '' : endpointOf(canonical, port);
}

function readAllowed(printed: string): string {
  if (printed === NONE) return '';
  const blocks = printed.split(',').map(text => parseBlock(text)?.text ?? text);
  return blocks.sort().join(',');
}
