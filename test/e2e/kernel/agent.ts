import { readFileSync } from 'node:fs';
import { childCommands } from '../../../src/kernel/commands.ts';
import { Keeper, type Wanted } from '../../../src/kernel/keeper.ts';
import { Kernel } from '../../../src/kernel/kernel.ts';
import { monitor } from '../../../src/kernel/monitor.ts';
import { ownSysctls } from '../../../src/kernel/sysctls.ts';
import { systemClock } from '../../../src/ops/clock.ts';
import { MARKS } from '../../../src/routes/model.ts';

/** What a file tells instead of an API server. */
export type Told = Pick<Wanted, 'local' | 'nodes' | 'policies'>;

/** A keeper of the network namespace that it is started in. Prints a line for each look. */
const [file = ''] = process.argv.slice(2);
const { local, nodes, policies } = JSON.parse(readFileSync(file, 'utf8')) as Told;
const keeper = new Keeper({
  kernel: new Kernel({ commands: childCommands(), sysctls: ownSysctls, marks: MARKS }),
  marks: MARKS,
  clock: systemClock,
  random: Math.random,
  wanted: async () => ({
    local,
    nodes,
    policies,
    synced: new Set(policies.map(({ cluster }) => cluster)),
    released: new Set(),
  }),
  passed: ({ operations, refused, plan: { faults } }) => {
    console.log(JSON.stringify({ operations: operations.length, refused, faults }));
  },
  failed: reason => console.log(String(reason)),
});
monitor(() => keeper.news(), MARKS);
keeper.news();
