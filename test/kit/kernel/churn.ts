import fc from 'fast-check';
import { MARKS } from '../../../src/routes/model.ts';
import { NORTH, WEST } from './nodes.ts';

/** One thing that happens to a node: a change of what shall be, somebody's hand on the kernel, a look of the agent. */
export interface Churn {
  readonly nodes?: string;
  readonly ip?: string;
  readonly bridge?: string;
  readonly nft?: Readonly<Record<string, unknown>>;
  readonly wg?: string;
  readonly killTunnel?: boolean;
  readonly restart?: boolean;
  readonly pass?: boolean;
  readonly synced?: readonly string[];
}

const device = MARKS.vxlan.device;
const table = MARKS.table;

const lines = `${WEST}\n${NORTH}
  west w3 172.31.1.43 10.21.1.0/25 10.21.3.0/24
  north n2 172.31.1.52 10.31.0.0/16
  north n3 172.31.1.41 10.31.3.0/24`.split('\n');

const nodes = fc.subarray(lines).map((chosen): Churn => ({ nodes: chosen.join('\n') }));

const pass = fc.subarray(['west', 'north']).map((synced): Churn => ({ pass: true, synced }));

const OURS = [
  `link set ${device} down`,
  `link set ${device} up`,
  `link del ${device}`,
  `addr del 10.11.1.0/32 dev ${device}`,
  `addr replace 10.98.0.1/32 dev ${device}`,
  `route del 10.21.1.0/24 table ${table}`,
  `route replace unreachable 10.21.2.0/24 table ${table}`,
  `route replace unreachable 10.77.0.0/16 table ${table} metric 5`,
  `neigh del 172.31.1.41 dev ${device}`,
  `-4 rule del pref 90 lookup ${table}`,
  `-6 rule add pref 70 lookup ${table}`,
];

const THEIRS = [
  'route replace 198.51.100.0/24 via 172.31.1.77 dev eth0 proto 205 table 300',
  'route replace 10.21.1.0/24 via 172.31.1.77 dev eth0 proto 205',
  'route del 192.0.2.0/24 table 300',
  'addr replace 10.11.1.0/32 dev other-vx',
  '-4 rule add pref 92 lookup 300',
  'neigh replace 172.31.1.41 lladdr 02:00:00:00:00:41 dev eth0 nud permanent',
  'link set other-vx down',
];

const hand = fc.constantFrom(...OURS, ...THEIRS).map((ip): Churn => ({ ip }));

const forwarding = fc
  .constantFrom('other-vx', device)
  .map(
    (dev): Churn => ({ bridge: `fdb replace 02:00:00:00:00:41 dev ${dev} dst 172.31.1.79 self permanent` }),
  );

const firewall = fc.constantFrom<Churn>(
  { nft: { delete: { table: { family: 'inet', name: MARKS.nftTable } } } },
  {
    nft: {
      add: { element: { family: 'inet', table: MARKS.nftTable, name: 'tunnelled4', elem: ['10.77.0.1'] } },
    },
  },
  { nft: { add: { element: { family: 'inet', table: 'others', name: 'kept', elem: ['192.0.2.2'] } } } },
);

export const churn: fc.Arbitrary<Churn> = fc.oneof(
  { weight: 3, arbitrary: nodes },
  { weight: 4, arbitrary: pass },
  { weight: 4, arbitrary: hand },
  { weight: 1, arbitrary: forwarding },
  { weight: 1, arbitrary: firewall },
  { weight: 1, arbitrary: fc.constant<Churn>({ restart: true }) },
);
