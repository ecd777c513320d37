import { randomBytes } from 'node:crypto';
import { systemClock } from '../../src/ops/clock.ts';
import type { Target } from '../../src/paths/target.ts';
import { NetworkAsker } from '../../src/probe/network-asker.ts';
import { Prober } from '../../src/probe/prober.ts';
import { Responder } from '../../src/probe/responder.ts';

/**
 * One side of the bench, as a process: `answer PORT CLUSTERS NODES` answers at the addresses of so many nodes of so
 * many clusters and prints `ready`; `ask PORT CLUSTERS NODES` is a node that probes them and prints each verdict.
 */
const [verb = '', ...numbers] = process.argv.slice(2);
const [port = 0, clusters = 0, nodes = 0] = numbers.map(Number);

const targets = Array.from({ length: clusters * nodes }, (_, index): Target => {
  const [cluster, node] = [Math.floor(index / nodes), index % nodes];
  return {
    cluster: `cluster-${cluster}`,
    uid: `${cluster}-${node}`,
    name: `node-${node}`,
    family: 'IPv4',
    address: `127.95.${cluster}.${node + 1}`,
    mtu: 1_450,
  };
});

if (verb === 'answer') {
  // Each with limits of its own, as they would be in processes of their own.
  const failed = (address: string, reason: unknown): void => console.error(address, reason);
  const responders = targets.map(({ address }) => {
    const responder = new Responder({ clock: systemClock, port, failed });
    responder.at([address]);
    return responder;
  });
  const timer = setInterval(() => {
    if (responders.some(({ listening }) => listening.length === 0)) return;
    clearInterval(timer);
    console.log('ready');
  }, 10);
} else {
  const prober = new Prober({
    clock: systemClock,
    random: Math.random,
    nonce: () => randomBytes(8).readBigUInt64BE(),
    asker: answered => new NetworkAsker(port, answered),
    published: () => new Map(),
    changed: ({ path, state }) => console.log(path.cluster, state.verdict),
  });
  prober.probe({ own: 'asker', sources: { IPv4: '127.95.255.1' }, targets });
}
