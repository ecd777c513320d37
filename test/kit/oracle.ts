import { compile, isWithin } from '../../src/answer/compile.ts';
import type { Client } from '../../src/answer/event.ts';
import { OptPolicy } from '../../src/answer/opt.ts';
import { finishReply } from '../../src/answer/reply.ts';
import type { ResponderOptions } from '../../src/answer/responder.ts';
import type { Zone } from '../../src/records/zone.ts';
import { CLASS, HEADER_LENGTH, TYPE } from '../../src/wire/codes.ts';
import { labelsAt } from '../../src/wire/name.ts';
import { Query } from '../../src/wire/query.ts';
import { NOW_SECONDS, responderOf, UDP } from './dns.ts';

/** What the oracle is told beside the zone: as the responder is. */
export type OracleOptions = Pick<
  ResponderOptions,
  'random' | 'unixSeconds' | 'cookieSecret' | 'nsid' | 'payloadSize'
>;

export const SETTINGS: OracleOptions = {
  random: () => 0.5,
  unixSeconds: () => NOW_SECONDS,
  cookieSecret: Buffer.from('e5e973e5a6b2a43f48e7dc849e37bfcf', 'hex'),
  nsid: Buffer.from('test-server'),
  payloadSize: 1232,
};

/** Each makes room for thousands of clients: one for each set of options will do. */
const policies = new WeakMap<OracleOptions, OptPolicy>();

/**
 * The reply to a message without anything that is kept: the answer is compiled for the question as it is spelt. Errors,
 * and what asks for something else than data, are a new responder's.
 */
export function plainReply(
  zone: Zone,
  message: Uint8Array,
  options: OracleOptions,
  client: Client = UDP,
): Uint8Array | undefined {
  const query = new Query();
  const isData =
    query.read(message) === 'read' &&
    query.class === CLASS.IN &&
    (query.type < TYPE.TKEY || query.type >= TYPE.ANY);
  const question = { name: isData ? labelsAt(message, HEADER_LENGTH) : [], type: query.type };
  const compiled = isData && isWithin(question.name, zone.origin) ? compile(zone, question) : undefined;
  if (compiled === undefined) {
    const reply = responderOf(zone, options).respond(message, client);
    return reply instanceof Uint8Array ? reply : undefined;
  }
  const { variants, draw, rcode, extendedError } = compiled;
  const variant = (draw === undefined ? undefined : variants[draw.draw(options.random())]) ?? variants[0];
  const policy = policies.get(options) ?? new OptPolicy(options);
  policies.set(options, policy);
  const opt = policy.contents(query, message, client, rcode, extendedError);
  return finishReply(query, variant, opt, policy.limit(query, client));
}
