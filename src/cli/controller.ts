import { controllerSettings } from '../apps/controller-settings.ts';
import { readSettings } from '../apps/setting.ts';
import type { CliCommand } from './command.ts';

export const controller: CliCommand = {
  name: 'controller',
  summary: 'export services and import those of other clusters',
  settings: controllerSettings,
  examples: [
    {
      to: 'try it outside the cluster, alone',
      line: 'causeway controller --kubeconfig east.kubeconfig --leader-election=false',
    },
  ],
  run: async given => {
    const config = readSettings(controllerSettings, given);
    const { runController } = await import('../apps/controller.ts');
    return runController(config);
  },
};
