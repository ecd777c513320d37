import { readSettings } from '../apps/setting.ts';
import { dnsSettings } from '../apps/settings.ts';
import type { CliCommand } from './command.ts';

export const dns: CliCommand = {
  name: 'dns',
  summary: 'answer DNS queries for the cluster set',
  settings: dnsSettings,
  examples: [
    {
      to: 'answer from a folder of Kubernetes YAML',
      line: 'causeway dns --source directory:/etc/causeway/mesh --cluster-id east --listen 127.0.0.1:1053',
    },
  ],
  run: async given => {
    const config = readSettings(dnsSettings, given);
    const { runDns } = await import('../apps/dns.ts');
    return runDns(config);
  },
};
