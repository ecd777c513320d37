import { readSettings } from '../apps/setting.ts';
import { render } from '../terminal/render.ts';
import { CoreDnsShow, coreDnsShowTable } from '../views/coredns-show.ts';
import { type CliCommand, EXIT } from './command.ts';
import { chosenMap, coreDnsSettings } from './coredns-settings.ts';

export const corednsShow: CliCommand = {
  name: 'coredns show',
  summary: 'say who answers the zone of the cluster set: by the Corefiles, and in each pod of CoreDNS',
  settings: coreDnsSettings,
  examples: [{ to: 'see whether every pod forwards the zone', line: 'causeway coredns show --context east' }],
  output: CoreDnsShow,
  run: async (given, terminal) => {
    const config = readSettings(coreDnsSettings, given);
    const chosen = chosenMap(config);
    const { namespace, zone, output } = config;
    const [{ openCluster }, { gatherCoreDns }, { coreDnsShow, forwardsAll }] = await Promise.all([
      import('../operate/cluster.ts'),
      import('../operate/coredns/gather.ts'),
      import('../health/coredns-show.ts'),
    ]);
    const { client, context } = await openCluster(config);
    const facts = await gatherCoreDns(client, namespace, terminal.interrupted(), chosen);
    const shown = coreDnsShow(context, facts, zone);
    terminal.print(await render(output, shown, coreDnsShowTable, terminal));
    return forwardsAll(shown) ? EXIT.fine : EXIT.unhealthy;
  },
};
