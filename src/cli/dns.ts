import { readSettings } from '../apps/setting.ts';
import { dnsSettings } from '../apps/settings.ts';
import type { CliCommand } from './command.ts';

export const dns: CliCommand = {
  name: 'dns',
  summary: 'answer DNS queries for the cluster set',
  settings: dnsSettings,
  run: async given => {
    const config = readSettings(dnsSettings, given);
    const { runDns } = await import('../apps/dns.ts');
    return runDns(config);
  },
};
