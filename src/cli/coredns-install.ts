import { CoreDnsChange } from '../views/coredns-change.ts';
import type { CliCommand } from './command.ts';
import { changeCoreDnsBy } from './coredns-change.ts';
import { coreDnsChangeSettings } from './coredns-settings.ts';

export const corednsInstall: CliCommand = {
  name: 'coredns install',
  summary:
    'have CoreDNS forward the zone of the cluster set; put back what was there if a pod does not take it up',
  settings: coreDnsChangeSettings,
  examples: [
    { to: 'see what would change', line: 'causeway coredns install --context east --dry-run' },
    { to: 'put the stanza in, or bring it up to date', line: 'causeway coredns install --context east' },
    {
      to: 'edit a Corefile that is not found by itself',
      line: 'causeway coredns install --config-map kube-system/rke2-coredns-rke2-coredns',
    },
  ],
  output: CoreDnsChange,
  run: (given, terminal) => changeCoreDnsBy('install', given, terminal),
};
