import type { Encryption } from '../../../src/objects/shapes.ts';
import type { BGPSettings } from '../../../src/routes/model.ts';

/** What is between the clusters, and how they are to reach each other. */
export interface LabOptions {
  /** Whether the clusters are on two networks with a router in between, or all on one. */
  readonly routed: boolean;
  /** Whether the nodes tell of their IPv6 addresses, too. */
  readonly dual?: boolean;
  /** Where probes are answered; absent: there are none. */
  readonly probePort?: number;
  readonly bgp?: (network: number) => BGPSettings;
  /** Whether there are no agents, for somebody else makes the routes between the clusters. */
  readonly byHand?: boolean;
  readonly encryption?: Encryption;
}
