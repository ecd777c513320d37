import { createPrivateKey, createPublicKey } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { type FakeNetwork, Refused } from './fake-network.ts';

interface Peer {
  endpoint: string;
  keepalive: string;
  allowed: string[];
  handshake: number;
  received: number;
  sent: number;
}

interface Tunnel {
  privateKey: string;
  port: number;
  readonly peers: Map<string, Peer>;
}

/** `wg` and wireguard-go on a network of values: a block is one peer's, and a device goes with its process. */
export class FakeWireGuard {
  readonly #network: FakeNetwork;
  readonly #tunnels = new Map<string, Tunnel>();
  /** Whether wireguard-go can be started. */
  startable = true;

  constructor(network: FakeNetwork) {
    this.#network = network;
  }

  /** What `wireguard-go NAME` does. */
  start(name: string): void {
    if (name === '--version') return;
    if (!this.startable) throw new Refused('┌──┐\nERROR: (causeway-wg) Failed to create TUN device');
    this.#network.addDevice({ name, type: 'tun', mac: '', mtu: 1420, up: false, info: {}, addresses: [] });
    this.#tunnels.set(name, { privateKey: '(none)', port: 33_078, peers: new Map() });
  }

  /** What SIGKILL does to the process. */
  kill(name: string): void {
    if (this.#network.devices.has(name)) this.#network.deleteDevice(name);
  }

  /** What has passed between the device and a peer. */
  traffic(name: string, key: string, traffic: Pick<Peer, 'handshake' | 'received' | 'sent'>): void {
    const peer = this.#tunnel(name).peers.get(key);
    if (peer === undefined) throw new Error(`${name} has no peer ${key}`);
    Object.assign(peer, traffic);
  }

  /** @returns what `wg` prints */
  run([verb = '', name = '', ...words]: readonly string[], input: string): string {
    if (verb === '--version') return 'wireguard-tools v1.0';
    const tunnel = this.#tunnel(name);
    if (verb === 'show') return dumpOf(tunnel);
    if (verb === 'addconf') addPeers(tunnel, input);
    else if (words[0] === 'peer') setPeer(tunnel, words.slice(1));
    else setDevice(tunnel, words);
    return '';
  }

  #tunnel(name: string): Tunnel {
    if (!this.#network.devices.has(name)) this.#tunnels.delete(name);
    const tunnel = this.#tunnels.get(name);
    if (tunnel === undefined) throw new Refused('Unable to access interface: No such device');
    return tunnel;
  }
}

function dumpOf({ privateKey, port, peers }: Tunnel): string {
  const publicKey = privateKey === '(none)' ? privateKey : publicKeyOf(privateKey);
  const lines = Array.from(peers, ([key, { endpoint, allowed, handshake, received, sent, keepalive }]) => [
    key,
    '(none)',
    endpoint,
    allowed.join(',') || '(none)',
    handshake,
    received,
    sent,
    keepalive,
  ]);
  return [[privateKey, publicKey, port, 'off'], ...lines].map(line => `${line.join('\t')}\n`).join('');
}

function setDevice(tunnel: Tunnel, words: readonly string[]): void {
  const file = optionIn(words, 'private-key');
  if (file !== undefined) tunnel.privateKey = readKey(file);
  const port = optionIn(words, 'listen-port');
  if (port !== undefined) tunnel.port = Number(port);
}

function optionIn(words: readonly string[], name: string): string | undefined {
  const at = words.indexOf(name);
  return at === -1 ? undefined : words[at + 1];
}

function readKey(file: string): string {
  if ((statSync(file).mode & 0o077) !== 0) throw new Refused('the private key may be read by others');
  return readFileSync(file, 'utf8').trim();
}

/** `KEY remove` once or more often, or `KEY allowed-ips BLOCKS` and so on. */
function setPeer(tunnel: Tunnel, words: readonly string[]): void {
  if (words.includes('remove')) {
    for (const word of words) tunnel.peers.delete(word);
    return;
  }
  const [key = '', ...options] = words;
  const peer = peerOf(tunnel, key);
  for (let index = 0; index < options.length; index += 2)
    option(tunnel, peer, options[index], options[index + 1]);
}

function addPeers(tunnel: Tunnel, configuration: string): void {
  let peer: Peer | undefined;
  for (const line of configuration.split('\n').filter(one => one.includes(' = '))) {
    const at = line.indexOf(' = ');
    const [name, value] = [line.slice(0, at), line.slice(at + 3)];
    if (name === 'PublicKey') {
      peer = peerOf(tunnel, value);
      peer.allowed = [];
    } else if (peer !== undefined) {
      option(tunnel, peer, NAMES[name], value);
    }
  }
}

const NAMES: Readonly<Record<string, string>> = {
  Endpoint: 'endpoint',
  AllowedIPs: 'allowed-ips',
  PersistentKeepalive: 'persistent-keepalive',
};

function peerOf({ peers }: Tunnel, key: string): Peer {
  const none = { endpoint: '(none)', keepalive: 'off', allowed: [], handshake: 0, received: 0, sent: 0 };
  const peer = peers.get(key) ?? none;
  peers.set(key, peer);
  return peer;
}

function option({ peers }: Tunnel, peer: Peer, name: string | undefined, value = ''): void {
  if (name === 'endpoint') peer.endpoint = value;
  if (name === 'persistent-keepalive') peer.keepalive = value;
  if (name !== 'allowed-ips') return;
  const blocks = value === '' ? [] : value.split(',');
  for (const other of peers.values()) other.allowed = other.allowed.filter(block => !blocks.includes(block));
  peer.allowed = blocks;
}

function publicKeyOf(privateKey: string): string {
  const der = Buffer.from(
    `302e020100300506032b656e04220420${Buffer.from(privateKey, 'base64').toString('hex')}`,
    'hex',
  );
  const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
  return key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
}
