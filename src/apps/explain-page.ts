import { explain } from '../answer/explain.ts';
import type { Zone } from '../records/zone.ts';
import { json, type MakePage, plain } from '../serve/http.ts';
import type { RecordSource } from '../source/index.ts';
import { TYPE } from '../wire/codes.ts';
import { isEncodable, labelsOfText } from '../wire/name.ts';

/** Of what names in the zone are made; it is shown again. */
const NAME = /^[-_.A-Za-z0-9]{1,254}$/;

const TYPES = new Map<string, number>(Object.entries(TYPE));

/** Asked by those types a server does something else than look up. */
const isData = (type: number) => type !== TYPE.OPT && (type < TYPE.TKEY || type >= TYPE.ANY);

/** `?name=payments.shop.svc.clusterset.local&type=A`: why the answer to that question is what it is. */
export function explainPage(zone: Zone, source: RecordSource): MakePage {
  return ({ query }) => {
    const name = query.get('name') ?? '';
    const type = TYPES.get((query.get('type') ?? 'A').toUpperCase());
    const labels = labelsOfText(name);
    if (!NAME.test(name) || !isEncodable(labels)) {
      return plain(
        400,
        'name: must be a whole domain name, as in ?name=payments.shop.svc.clusterset.local\n',
      );
    }
    if (type === undefined || !isData(type)) {
      return plain(400, 'type: must be a type of DNS records, as in &type=A\n');
    }
    const { staleSince } = source;
    return json({
      ...explain(zone, { name: labels, type }),
      serial: zone.serial,
      ...(staleSince === undefined ? {} : { staleSince }),
    });
  };
}
