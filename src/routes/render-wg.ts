import type { Operation } from './diff.ts';
import type { PeerEntry } from './entry.ts';

/** What `wg` is to do to our device. It leaves sessions as they are. */
export type WireGuardBatch =
  /** The private key that belongs to the public one comes out of its file. */
  | {
      readonly program: 'wg set';
      readonly device: string;
      readonly publicKey: string;
      readonly port: number;
    }
  /** Puts peers, each as a whole: a configuration file (wg(8)). */
  | { readonly program: 'wg addconf'; readonly device: string; readonly configuration: string }
  | { readonly program: 'wg remove'; readonly device: string; readonly publicKeys: readonly string[] };

export function wireGuardBatch(
  program: WireGuardBatch['program'],
  operations: readonly Operation[],
  device: string,
): WireGuardBatch {
  const peers = operations.flatMap(({ entry }) => (entry.kind === 'peer' ? [entry] : []));
  switch (program) {
    case 'wg set': {
      const own = operations.map(({ entry }) => entry).find(entry => entry.kind === 'wireguard');
      return { program, device, publicKey: own?.publicKey ?? '', port: own?.port ?? 0 };
    }
    case 'wg addconf':
      return { program, device, configuration: peers.map(sectionOf).join('\n') };
    case 'wg remove':
      return { program, device, publicKeys: peers.map(({ publicKey }) => value(publicKey)) };
  }
}

function sectionOf({ publicKey, endpoint, allowedIPs, keepalive }: PeerEntry): string {
  const lines = [
    `PublicKey = ${value(publicKey)}`,
    `Endpoint = ${value(endpoint)}`,
    `AllowedIPs = ${value(allowedIPs)}`,
    `PersistentKeepalive = ${keepalive}`,
  ];
  return ['[Peer]', ...lines, ''].join('\n');
}

/** The last look, as with the words of other programs: no blank, comment or line end gets through. */
function value(text: string): string {
  if (/^[A-Za-z0-9:./,+=[\]]*$/.test(text)) return text;
  throw new Error(`not a value for wg: ${JSON.stringify(text)}`);
}
