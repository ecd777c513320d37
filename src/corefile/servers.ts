import type { CausewayError } from '../base/errors.ts';
import { type Corefile, type Directive, invalid, type Place, shown, type Word } from './model.ts';
import { readCorefile, readDirectives } from './read.ts';
import { holds, type ServedZone, servedZones } from './zones.ts';

/** What a server block comes to once its imports are put in. */
export interface Server extends Place {
  readonly keys: readonly string[];
  readonly zones: readonly ServedZone[];
  readonly directives: readonly Directive[];
}

export interface Servers {
  readonly servers: readonly Server[];
  /** Imports of files that are not at hand: there may be more servers and plugins than are seen here. */
  readonly unseen: readonly Word[];
}

/**
 * CoreDNS stops at 10,000 imports, and so do snippets that import each other. The lines that they bring are bounded as
 * well, for a snippet may be as long as the file, and so is how deep they go, for each level stands on our stack.
 */
const MOST_IMPORTS = 10_000;
const MOST_LINES = 100_000;
const DEEPEST = 100;

/**
 * The servers that CoreDNS makes of a Corefile.
 *
 * @param files what `import` of a file finds, by the last part of its name: the keys of ConfigMap coredns-custom
 * @throws CausewayError COREFILE_INVALID for a file that does not parse, and for snippets that import each other
 */
export function serversOf(corefile: Corefile, files: ReadonlyMap<string, string> = new Map()): Servers {
  const resolver = new Resolver(files);
  resolver.addAll(corefile);
  return resolver;
}

/**
 * The servers that a question for a zone may reach on one port: of those whose zone holds it, the ones with the
 * longest. More than one where they listen on different addresses or have a `view`.
 */
export function answering(servers: readonly Server[], zone: string, port: string): readonly Server[] {
  const lengths = servers.map(server =>
    server.zones
      .filter(served => listens(served, port) && served.zone !== undefined && holds(served.zone, zone))
      .reduce(
        (longest, served) => Math.max(longest, served.zone === '.' ? 0 : (served.zone ?? '').length),
        -1,
      ),
  );
  const best = lengths.reduce((longest, length) => Math.max(longest, length), 0);
  return servers.filter((_, index) => lengths[index] === best);
}

/** Whether it is plain DNS on that port, or may be. */
export function listens({ transport, port }: ServedZone, asked: string): boolean {
  return transport === 'dns' && (port === undefined || port === asked);
}

/** Whether a key of the server is that very zone, on that port. */
export function claims(server: Server, zone: string, port: string): boolean {
  return server.zones.some(served => served.zone === zone && listens(served, port));
}

/** The directives of one plugin in a server. */
export function pluginsOf(server: Server, name: string): readonly Directive[] {
  return server.directives.filter(directive => directive.name.text === name);
}

/** The imports that lead to where the resolver is, the outermost first. */
type Within = readonly Word[];

class Resolver implements Servers {
  readonly servers: Server[] = [];
  readonly unseen: Word[] = [];
  readonly #files: ReadonlyMap<string, string>;
  readonly #snippets = new Map<string, readonly Directive[]>();
  #imports = 0;
  #lines = 0;

  constructor(files: ReadonlyMap<string, string>) {
    this.#files = files;
  }

  addAll({ entries }: Corefile, within: Within = []): void {
    for (const entry of entries) {
      if (entry.kind === 'snippet') this.#snippets.set(entry.name, entry.directives);
      else if (entry.kind === 'import') this.#addImported(entry.pattern, within);
      else this.#add(entry, entry.keys, entry.directives, within);
    }
  }

  #add(place: Place, keys: readonly Word[], directives: readonly Directive[], within: Within): void {
    const { file, start, end, line } = place;
    const texts = keys.map(({ text }) => text);
    const zones = texts.flatMap(servedZones);
    this.servers.push({
      file,
      start,
      end,
      line,
      keys: texts,
      zones,
      directives: this.#put(directives, within),
    });
  }

  /** The lines of a snippet that is imported outside all blocks are blocks themselves. */
  #addImported(pattern: Word, outer: Within): void {
    const within = this.#enter(pattern, outer);
    const snippet = this.#snippets.get(pattern.text);
    for (const line of snippet ?? []) {
      const [imported] = line.words;
      if (line.name.text === 'import' && imported !== undefined) this.#addImported(imported, within);
      else this.#add(line, [line.name, ...line.words], line.inner ?? [], within);
    }
    if (snippet !== undefined) return;
    for (const [name, text] of this.#found(pattern)) this.addAll(readCorefile(text, name), within);
  }

  /** The lines with what they import in place of their imports. */
  #put(directives: readonly Directive[], within: Within): readonly Directive[] {
    const last = within.at(-1);
    this.#lines += last === undefined ? 0 : directives.length;
    if (last !== undefined && this.#lines > MOST_LINES) throw endless(last);
    return directives.flatMap(directive => {
      const [pattern] = directive.words;
      if (directive.name.text === 'import' && pattern !== undefined) return this.#imported(pattern, within);
      return directive.inner === undefined
        ? [directive]
        : [{ ...directive, inner: this.#put(directive.inner, within) }];
    });
  }

  #imported(pattern: Word, outer: Within): readonly Directive[] {
    const within = this.#enter(pattern, outer);
    const snippet = this.#snippets.get(pattern.text);
    if (snippet !== undefined) return this.#put(snippet, within);
    return this.#found(pattern).flatMap(([name, text]) => this.#put(readDirectives(text, name), within));
  }

  #enter(pattern: Word, outer: Within): Within {
    this.#imports += 1;
    if (outer.length >= DEEPEST || this.#imports > MOST_IMPORTS) throw endless(pattern);
    return [...outer, pattern];
  }

  #found(pattern: Word): [string, string][] {
    const found = [...this.#files].filter(([name]) => matches(pattern.text, name));
    if (found.length === 0) this.unseen.push(pattern);
    return found.sort(([one], [other]) => (one < other ? -1 : 1));
  }
}

function endless(pattern: Word): CausewayError {
  return invalid(pattern, `imports without an end at ${shown(pattern.text)}`, 'have none import itself');
}

/** Whether the last part of a path, which may have one `*`, is that name. */
function matches(pattern: string, name: string): boolean {
  const last = pattern.slice(pattern.lastIndexOf('/') + 1);
  const star = last.indexOf('*');
  if (star === -1) return last === name;
  const [before, behind] = [last.slice(0, star), last.slice(star + 1)];
  return name.length >= last.length - 1 && name.startsWith(before) && name.endsWith(behind);
}
