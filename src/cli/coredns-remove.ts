import { CoreDnsChange } from '../views/coredns-change.ts';
import type { CliCommand } from './command.ts';
import { changeCoreDnsBy } from './coredns-change.ts';
import { coreDnsChangeSettings } from './coredns-settings.ts';

export const corednsRemove: CliCommand = {
  name: 'coredns remove',
  summary: 'take out of CoreDNS what `coredns install` put in, and leave every other octet as it is',
  settings: coreDnsChangeSettings,
  examples: [{ to: 'take the stanza out', line: 'causeway coredns remove --context east' }],
  output: CoreDnsChange,
  run: (given, terminal) => changeCoreDnsBy('remove', given, terminal),
};
