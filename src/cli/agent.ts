import { agentSettings } from '../apps/agent-settings.ts';
import { readSettings } from '../apps/setting.ts';
import { oneLine, visible } from '../terminal/visible.ts';
import type { CliCommand } from './command.ts';

export const agent: CliCommand = {
  name: 'agent',
  summary: "make the pods of other clusters reachable from this node's, with their own addresses",
  settings: agentSettings,
  examples: [
    {
      to: 'see what it would do on this host',
      line: 'causeway agent --kubeconfig east.kubeconfig --node-name worker-1 --dry-run',
    },
    { to: 'give this node another WireGuard key', line: 'causeway agent --rotate-key' },
    { to: 'remove from this host whatever an agent left on it', line: 'causeway agent --clean' },
  ],
  run: async (given, { print, complain }) => {
    const config = readSettings(agentSettings, given);
    const { runAgent } = await import('../apps/agent.ts');
    return runAgent(config, {
      print: text => print(visible(text)),
      complain: line => complain(oneLine(line)),
    });
  },
};
