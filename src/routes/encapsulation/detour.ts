import type { LocalNode, Peer } from '../model.ts';
import type { Encapsulation } from './encapsulation.ts';
import { carryOn, deviceOn } from './wireguard.ts';

/**
 * The second WireGuard device, for the time in which the key of one of two nodes changes. A device has one key, and to
 * a device that has not heard of the new one its packets are noise; here both meet by the new one while the first
 * device still has the old, and both take packets from either, so that each may go over when it likes.
 *
 * No mode of its own: where packets are encrypted, it is one of two ways to do so.
 */
export const detour: Pick<Encapsulation, 'device' | 'carry'> = {
  device: (local, { wireguard }) =>
    deviceOn(wireguard.detour, local.wireguard && ownKey(local.wireguard), local),
  carry(peer, block, local, marks) {
    if (!isChanging(peer, local)) return 'wireguard: neither its key nor that of this node changes';
    const own = local.wireguard && ownKey(local.wireguard);
    const meeting = { ...marks.wireguard.detour, own, theirs: keyOnDetour(peer) };
    return carryOn(meeting, peer, block, local, marks);
  },
};

/** Whether the key of either changes, so that there has to be a second way between them. */
export function isChanging(peer: Peer, { wireguard }: Pick<LocalNode, 'wireguard'>): boolean {
  return wireguard !== undefined && (peer.wireguardNextPublicKey ?? wireguard.nextPublicKey) !== undefined;
}

/** Whether a key that is used on the first device will be gone there soon. */
export function isLeaving(peer: Peer, { wireguard }: Pick<LocalNode, 'wireguard'>): boolean {
  const { wireguardPublicKey: publicKey, wireguardNextPublicKey: nextPublicKey } = peer;
  return [{ publicKey, nextPublicKey }, wireguard].some(
    keys => keys?.nextPublicKey !== undefined && keys.nextPublicKey !== keys.publicKey,
  );
}

/** By which a peer is known there. */
export function keyOnDetour({ wireguardPublicKey, wireguardNextPublicKey }: Peer): string | undefined {
  return wireguardNextPublicKey ?? wireguardPublicKey;
}

/** By which this node is known there. */
export function ownKey(keys: {
  readonly publicKey: string;
  readonly nextPublicKey?: string | undefined;
}): string {
  return keys.nextPublicKey ?? keys.publicKey;
}
