import { textName } from '../corefile/change.ts';
import type { CoreDnsFacts } from '../corefile/facts.ts';
import { answeringBlocks } from '../corefile/judge.ts';
import { type CorefilePlace, mapHolding, mapName } from '../corefile/places.ts';
import type { CoreDnsShow } from '../views/coredns-show.ts';
import { coreDnsFindings, stanzaOf } from './coredns.ts';

/** What was found out about CoreDNS, for `causeway coredns show`. */
export function coreDnsShow(context: string, facts: CoreDnsFacts, zone: string): CoreDnsShow {
  const { places, replicas, addresses } = facts;
  return {
    context,
    zone,
    addresses: 'value' in addresses ? [...addresses.value] : [],
    ...('unknown' in addresses ? { unknown: addresses.unknown } : {}),
    corefiles: places.map(place => corefileOf(place, zone)),
    replicas: ('value' in replicas ? replicas.value : []).map(replica => {
      const { name, node } = replica.pod;
      const placed = { pod: name, ...(node === undefined ? {} : { node }), configMap: replica.corefile };
      return { ...placed, ...stanzaOf(replica, zone) };
    }),
    findings: coreDnsFindings(facts, zone),
  };
}

/** Whether all of it is as it should be, and could be looked at. */
export function forwardsAll({ findings }: CoreDnsShow): boolean {
  return findings.every(({ verdict }) => verdict === 'good' || verdict === 'warning');
}

function corefileOf(place: CorefilePlace, zone: string): CoreDnsShow['corefiles'][number] {
  const { main, target, dialect } = place;
  const answers = answersOf(place, zone);
  return {
    configMap: mapName(main),
    key: main.key,
    dialect,
    stanza: textName(target),
    ...(answers === undefined ? {} : { answers }),
  };
}

function answersOf(place: CorefilePlace, zone: string): CoreDnsShow['corefiles'][number]['answers'] {
  try {
    return answeringBlocks(place, zone).map(({ file, line, block }) => ({
      configMap: mapHolding(file, place),
      key: file,
      line,
      block,
    }));
  } catch {
    // The findings say what is wrong with the text.
    return undefined;
  }
}
