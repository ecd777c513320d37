import { addressOf } from './address.ts';
import { type Expected, type Finding, finding } from './finding.ts';
import type { Directive } from './model.ts';
import { pluginsOf, type Server } from './servers.ts';
import { holds, servedZones } from './zones.ts';

/** The `forward` of a server that takes questions for a zone: the first whose FROM holds it and that excepts it not. */
export function forwardFor(server: Server, zone: string): Directive | undefined {
  return pluginsOf(server, 'forward').find(({ words, inner }) => {
    const excepted = (inner ?? [])
      .filter(({ name }) => name.text === 'except')
      .flatMap(option => option.words.map(({ text }) => text));
    return covers(words.slice(0, 1), zone) && !excepted.some(text => covers([{ text }], zone));
  });
}

/** Whether a `forward` names the zone itself, so that somebody meant it: `forward clusterset.local 10.0.0.1`. */
export function names(directive: Directive | undefined, zone: string): boolean {
  const [from] = directive?.words ?? [];
  return from !== undefined && servedZones(from.text).some(served => served.zone === zone);
}

function covers(words: readonly { readonly text: string }[], zone: string): boolean {
  return words
    .flatMap(({ text }) => servedZones(text))
    .some(served => served.zone !== undefined && holds(served.zone, zone));
}

/** What the `forward` of the block that answers for the zone does to it. */
export function forwardFindings(server: Server, expected: Expected): readonly Finding[] {
  const directive = forwardFor(server, expected.zone);
  if (directive === undefined)
    return [
      finding(
        'FORWARD_MISSING',
        server,
        `a block for ${expected.zone} without a forward for it`,
        'its questions never reach Causeway',
      ),
    ];
  const targets = directive.words.slice(1).map(({ text }) => text);
  // What an environment variable says is not to be seen here.
  const known = targets.filter(text => !/\{[$%]/.test(text));
  const given = new Set((expected.addresses ?? []).map(canonical));
  const own = new Set(expected.clusterDns.map(canonical));
  const wrong = known.filter(text => !given.has(canonical(text)));
  const addresses = wrong.filter(text => addressOf(text) !== undefined);
  const looping = addresses.filter(text => own.has(canonical(text)));
  const stale = addresses.filter(text => !own.has(canonical(text)));
  const other = wrong.filter(text => addressOf(text) === undefined);
  const say = (code: Finding['code'], texts: readonly string[], meaning: string): Finding[] =>
    texts.length === 0 ? [] : [finding(code, directive, `forward to ${texts.join(' ')}`, meaning)];
  return [
    ...say('FORWARD_TO_ITSELF', looping, itself(server)),
    ...(expected.addresses === undefined ? [] : say('FORWARD_STALE', stale, astray(expected.addresses))),
    ...say(
      'FORWARD_BY_NAME',
      other,
      'older CoreDNS takes addresses only, and newer ones look a name up once, at start: write the ClusterIP',
    ),
  ];
}

function astray(addresses: readonly string[]): string {
  const service =
    addresses.length === 0
      ? 'there is no Service of Causeway'
      : `the Service of Causeway has ${addresses.join(' ')}`;
  return `${service}: questions go where nobody answers, or somebody else`;
}

function itself(server: Server): string {
  return pluginsOf(server, 'loop').length > 0
    ? 'that is CoreDNS itself, and with the plugin loop in this block it ends itself when it sees that'
    : 'that is CoreDNS itself: questions for the zone run in circles until they time out';
}

function canonical(text: string): string {
  const upstream = addressOf(text);
  return upstream === undefined ? text : `${upstream.address} ${upstream.port}`;
}
