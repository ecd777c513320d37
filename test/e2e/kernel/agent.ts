import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Abilities } from '../../../src/agent/abilities.ts';
import { Probes } from '../../../src/agent/probes.ts';
import { Bird } from '../../../src/bgp/bird.ts';
import { BirdKeeper } from '../../../src/bgp/bird-keeper.ts';
import { childCommands } from '../../../src/kernel/commands.ts';
import { Keeper, type Wanted } from '../../../src/kernel/keeper.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { monitor } from '../../../src/kernel/monitor.ts';
import { loadNetlinkCalls, netlinkBy } from '../../../src/kernel/netlink.ts';
import { keyFilesIn } from '../../../src/kernel/private-key.ts';
import { ownSysctls } from '../../../src/kernel/sysctls.ts';
import { Tunnels } from '../../../src/kernel/tunnels.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { createLogger } from '../../../src/ops/log.ts';
import { NetworkAsker } from '../../../src/probe/network-asker.ts';
import { MARKS } from '../../../src/routes/model.ts';

/** What a file tells instead of an API server. It is read again at SIGHUP. */
export type Told = Pick<Wanted, 'local' | 'nodes' | 'policies'> & {
  /** Where probes are answered; absent: there are none. */
  readonly probePort?: number;
  /** The next key that the Node bears. */
  readonly announced?: string;
};

/** A keeper of the network namespace that it is started in. Prints a line for each look, and for what else it finds. */
const [file = '', folder = ''] = process.argv.slice(2);
const read = (): Told => JSON.parse(readFileSync(file, 'utf8'));
let told = read();
const { local, probePort } = told;
const commands = childCommands();
const probes = probePort === undefined ? undefined : await probing(probePort);
let sessions = '';
const bird = new BirdKeeper({
  bird: new Bird({ commands: childCommands(), folder, marks: MARKS }),
  marks: MARKS,
  clock: systemClock,
  random: Math.random,
  passwords: async () => new Map(),
  did: what => console.log(`bird ${what}`),
  seen: states => {
    const seen = JSON.stringify(states);
    if (seen !== sessions) console.log(`sessions ${seen}`);
    sessions = seen;
  },
  failed: reason => {
    sessions = '';
    console.log(String(reason));
  },
});
const abilities = new Abilities(commands, MARKS, what => console.log(what));
const kernel = new Kernel({
  commands,
  netlink: netlinkBy(await loadNetlinkCalls()),
  sysctls: ownSysctls(),
  marks: MARKS,
  keyFileOf: keyFilesIn(folder),
});
let published = '';
const tunnels = new Tunnels({
  commands,
  kernel,
  marks: MARKS,
  folder,
  clock: systemClock,
  unixSeconds: () => Date.now() / 1_000,
  announced: () => told.announced,
  changed: () => keeper.changed(),
  stepped: phase => console.log(`key change: ${phase} at ${new Date().toISOString()}`),
  renewed: (device, keys) => console.log(`renewed on ${device}: ${[...keys].join()}`),
  failed: reason => console.log(String(reason)),
});
const keeper = new Keeper({
  kernel,
  marks: MARKS,
  clock: systemClock,
  random: Math.random,
  wanted: async () => {
    const { nodes, policies } = told;
    const wanted = await abilities.of({
      local,
      nodes,
      policies,
      synced: new Set(policies.map(({ cluster }) => cluster)),
      released: new Set(),
    });
    const known = await tunnels.of(wanted);
    publish();
    return known;
  },
  passed: pass => {
    const { operations, refused, plan } = pass;
    const { faults } = plan;
    bird.want(pass);
    console.log(JSON.stringify({ operations: operations.length, refused, faults }));
    probes?.take(plan, local);
  },
  failed: reason => console.log(String(reason)),
});
process.on('SIGHUP', () => {
  told = read();
  keeper.news();
});
// Before, it would end of it.
console.log('listens to SIGHUP');
await tunnels.start();
monitor(() => keeper.news(), MARKS);
keeper.changed();

/** Whenever there are other public keys to publish, they are printed. */
function publish(): void {
  const now = JSON.stringify({ published: tunnels.published });
  if (now !== published) console.log(now);
  published = now;
}

async function probing(port: number): Promise<Probes> {
  return new Probes({
    port,
    nonce: () => randomBytes(8).readBigUInt64BE(),
    asker: answered => new NetworkAsker(port, answered),
    clock: systemClock,
    random: Math.random,
    log: await createLogger({ level: 'info', format: 'json' }),
    published: () => undefined,
    changed: () => {},
  });
}
