import * as read from '../apps/readers.ts';
import { type Config, optional, required } from '../apps/setting.ts';
import { CausewayError } from '../base/errors.ts';
import { clusterSettings, outputFormat, systemNamespace } from './operator-settings.ts';

/** Settings that all commands about CoreDNS share. */
export const coreDnsSettings = {
  configMap: optional(
    read.namespacedName,
    'the ConfigMap that has the Corefile, or is to have the stanza',
    'kube-system/coredns, or coredns-custom where that is imported; and node-local-dns where it is there',
  ),
  key: optional(
    read.text('key', 253),
    'its key, with --config-map',
    'Corefile; clusterset.server in coredns-custom',
  ),
  zone: required(read.zoneName, 'the zone that the DNS daemons serve', 'clusterset.local'),
  namespace: systemNamespace,
  ...clusterSettings,
  output: outputFormat,
} as const;

/** Those of `install` and `remove`. */
export const coreDnsChangeSettings = {
  dryRun: required(read.truth, 'only print what would change', 'false'),
  restart: required(
    read.truth,
    'start the pods of CoreDNS anew where its Corefile has no `reload`; without this, nothing is written there',
    'false',
  ),
  waitDuration: required(
    read.duration('0s', '60m'),
    'how long every pod may take until it runs the new Corefile, before the former is put back; with 0s, it is not waited for',
    '3m',
  ),
  ...coreDnsSettings,
} as const;

/** The Corefile that is pointed at. @throws CausewayError SETTING_INVALID */
export function chosenMap({ configMap, key }: Pick<Config<typeof coreDnsSettings>, 'configMap' | 'key'>) {
  if (configMap === undefined && key !== undefined) {
    throw new CausewayError('SETTING_INVALID', '--key: goes with --config-map only');
  }
  return configMap === undefined ? undefined : { ...configMap, key };
}
