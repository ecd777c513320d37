import type { Tunnel } from './liveness.ts';
import type { Plan } from './plan.ts';

/** What is known of the tunnel to one node of another cluster. */
export interface TunnelReport {
  readonly cluster: string;
  /** Of this node; there are two while a key changes. */
  readonly device: string;
  /** Where the node is asked. */
  readonly endpoint: string;
  readonly publicKey: string;
  readonly answering: boolean;
  /** Seconds since both last agreed on a session; absent: they never did. */
  readonly handshakeAge?: number;
  /** Octets since the device was made. */
  readonly received: number;
  readonly sent: number;
}

/**
 * Every tunnel of a plan, in its order.
 *
 * @param judged by devices and public keys
 * @param epoch seconds since 1970
 */
export function tunnelReports(
  { entries }: Pick<Plan, 'entries'>,
  judged: ReadonlyMap<string, ReadonlyMap<string, Tunnel>>,
  epoch: number,
): TunnelReport[] {
  return Array.from(entries.values()).flatMap(({ entry, cluster }) => {
    if (entry.kind !== 'peer' || cluster === undefined) return [];
    const { device, publicKey, endpoint } = entry;
    const { answering = false, traffic } = judged.get(device)?.get(publicKey) ?? {};
    const { handshake = 0, received = 0, sent = 0 } = traffic ?? {};
    const age = handshake === 0 ? {} : { handshakeAge: Math.max(0, Math.round(epoch - handshake)) };
    return { cluster, device, endpoint, publicKey, answering, ...age, received, sent };
  });
}
