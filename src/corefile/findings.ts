import { cacheFindings } from './cache.ts';
import { type Expected, type Finding, finding } from './finding.ts';
import { forwardFindings, forwardFor, names } from './forward.ts';
import { markedLines } from './marks.ts';
import type { Corefile } from './model.ts';
import { answering, claims, listens, pluginsOf, type Server, serversOf } from './servers.ts';
import { holds, servedZones, zoneName } from './zones.ts';

/**
 * What there is to say about a Corefile: first whether Causeway's stanza is in it, then what keeps it from working.
 *
 * @param files what the Corefile imports, see {@link serversOf}
 * @throws CausewayError COREFILE_INVALID, COREFILE_MARKS_DAMAGED
 */
export function findingsOf(
  corefile: Corefile,
  given: Expected,
  files: ReadonlyMap<string, string> = new Map(),
): readonly Finding[] {
  const expected = { ...given, zone: zoneName(given.zone) };
  const { zone, port } = expected;
  const { servers, unseen } = serversOf(corefile, files);
  const answers = answering(servers, zone, port);
  const own = servers.filter(server => claims(server, zone, port));
  const stanzas = own.length > 0 ? own : answers.filter(server => names(forwardFor(server, zone), zone));
  const managed = managedOf(new Map([...files, [corefile.file, corefile.text]]), stanzas);
  return [
    ...(stanzas.length === 0 ? [missing(corefile, answers, zone)] : []),
    ...stanzas.flatMap(stanza => [
      present(stanza, managed.has(stanza), zone),
      ...forwardFindings(stanza, expected),
      ...cacheFindings(stanza, expected),
      ...bindFindings(stanza, servers, expected),
    ]),
    ...twice(own, zone),
    ...below(servers, expected),
    ...kubernetes(servers, answers, zone),
    ...(servers.some(server => pluginsOf(server, 'reload').length > 0) ? [] : [reloadMissing(corefile)]),
    ...unseen.map(word =>
      finding(
        'IMPORT_UNSEEN',
        word,
        `import ${word.text}`,
        'what these files say is not judged here: a block in them may have the zone as well',
      ),
    ),
  ];
}

function missing({ file }: Corefile, [answer]: readonly Server[], zone: string): Finding {
  return finding(
    'STANZA_MISSING',
    answer ?? { file, line: 1 },
    answer === undefined ? `no block that answers ${zone}` : `${zone} answered by ${answer.keys.join(' ')}`,
    'questions for the zone never reach Causeway: install the stanza',
  );
}

/** The stanzas that stand between our marks. */
function managedOf(texts: ReadonlyMap<string, string>, stanzas: readonly Server[]): ReadonlySet<Server> {
  const marked = new Map(
    [...new Set(stanzas.map(({ file }) => file))].map(file => [
      file,
      markedLines(texts.get(file) ?? '', file),
    ]),
  );
  return new Set(
    stanzas.filter(({ file, start, end }) => {
      const ours = marked.get(file);
      return ours !== undefined && ours.start <= start && end <= ours.end;
    }),
  );
}

function present(stanza: Server, managed: boolean, zone: string): Finding {
  const found = `${zone} in the block ${stanza.keys.join(' ')}`;
  return managed
    ? finding('STANZA_MANAGED', stanza, found, 'Causeway wrote this block, and keeps it')
    : finding('STANZA_BY_HAND', stanza, found, 'somebody wrote this block, and Causeway leaves it alone');
}

/**
 * The longest zone wins only among the blocks of one address. A block that listens everywhere is beaten, on an address,
 * by one that binds it.
 */
function bindFindings(
  stanza: Server,
  servers: readonly Server[],
  { zone, port }: Expected,
): readonly Finding[] {
  const bound = boundOf(stanza);
  return servers.flatMap(server => {
    const parent = server.zones.some(
      served => served.zone !== undefined && listens(served, port) && holds(served.zone, zone),
    );
    if (!parent || claims(server, zone, port)) return [];
    const others = boundOf(server);
    const lost = others.length === 0 && bound.length > 0 ? ['every other address'] : without(others, bound);
    if (lost.length === 0) return [];
    return finding(
      'BIND_MISSING',
      stanza,
      bound.length === 0 ? 'no bind' : `bind ${bound.join(' ')}`,
      `the block ${server.keys.join(' ')} of line ${server.line} takes the zone on ${lost.join(' ')}: ` +
        'give both blocks the same bind',
    );
  });
}

/** Empty: every address of the machine. */
function boundOf(server: Server): readonly string[] {
  return pluginsOf(server, 'bind').flatMap(({ words }) => words.map(({ text }) => text));
}

function without(texts: readonly string[], known: readonly string[]): readonly string[] {
  return texts.filter(text => !known.includes(text));
}

function twice(own: readonly Server[], zone: string): readonly Finding[] {
  const [first, ...rest] = own;
  return rest.map(server =>
    finding(
      'ZONE_CLAIMED_TWICE',
      server,
      `${zone} in the blocks of ${first?.file} line ${first?.line} and of this line`,
      'CoreDNS refuses to load two blocks for a zone, unless they bind different addresses or have a view: remove one',
    ),
  );
}

function below(servers: readonly Server[], { zone, port }: Expected): readonly Finding[] {
  return servers.flatMap(server =>
    server.zones
      .filter(served => served.zone !== undefined && listens(served, port))
      .filter(served => served.zone !== zone && holds(zone, served.zone ?? ''))
      .map(served =>
        finding(
          'ZONE_BELOW_CLAIMED',
          server,
          `a block for ${served.zone}`,
          `the longest zone wins: names in ${served.zone} are answered here and not by the stanza`,
        ),
      ),
  );
}

function kubernetes(
  servers: readonly Server[],
  answers: readonly Server[],
  zone: string,
): readonly Finding[] {
  return servers.flatMap(server =>
    pluginsOf(server, 'kubernetes')
      .filter(({ words, inner }) =>
        [
          ...words,
          ...(inner ?? []).filter(({ name }) => name.text === 'multicluster').flatMap(option => option.words),
        ]
          .flatMap(({ text }) => servedZones(text))
          .some(served => served.zone === zone),
      )
      .map(directive =>
        finding(
          'KUBERNETES_CLAIMS_ZONE',
          directive,
          `kubernetes with the zone ${zone}`,
          answers.includes(server)
            ? 'CoreDNS answers the zone by itself, before any forward in this block: take the zone out of kubernetes'
            : 'another block has the zone, so that this is never asked: take it out, lest somebody believe it is',
          answers.includes(server) ? 'bad' : 'warning',
        ),
      ),
  );
}

function reloadMissing({ file }: Corefile): Finding {
  return finding(
    'RELOAD_MISSING',
    { file, line: 1 },
    'no reload in any block',
    'CoreDNS does not see changes by itself: restart its pods after each',
  );
}
