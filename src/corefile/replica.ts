import { zoneName } from './zones.ts';

/** What a running CoreDNS has at work for one zone on one listening address. */
export interface RunningZone {
  /** As `dns://:53`. */
  readonly server: string;
  /** Lower case, without the dot at the end; `.` is the root. */
  readonly zone: string;
  /** Empty: the block has no `view`. */
  readonly view: string;
  readonly plugins: ReadonlySet<string>;
}

/** Whether a running CoreDNS forwards a zone in a block of its own, and what keeps its answers. */
export interface RunningStanza {
  readonly present: boolean;
  readonly cached: boolean;
}

/** What the metrics of a running CoreDNS say of the Corefile that it has at work. */
export interface RunningCoreDns {
  readonly zones: readonly RunningZone[];
  /** Whether it tells of the Corefiles that it takes up: 1.8 and later. */
  readonly tells: boolean;
  /**
   * Hash of the Corefile that it took up last, or tried to: whoever has the same one has seen the same text. Undefined:
   * none since it started, or it does not tell.
   */
  readonly seen: string | undefined;
  /** How many Corefiles it has refused to take up since it started. */
  readonly refusals: number;
}

const SAMPLE = /^coredns_plugin_enabled\{(.*)\}\s+1(?:\.0*)?(?:\s|$)/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/**
 * What a page of CoreDNS's metrics says about its zones: `coredns_plugin_enabled`, which is written anew on every
 * reload (plugin/metrics/setup.go). Blocks without `prometheus` are not in it, and plugins that answer nothing, as
 * `bind` and `reload`, are in none.
 */
export function runningZones(metrics: string): readonly RunningZone[] {
  const zones = new Map<string, RunningZone & { readonly plugins: Set<string> }>();
  for (const line of metrics.split('\n')) {
    const [, labels] = SAMPLE.exec(line) ?? [];
    if (labels === undefined) continue;
    const found = new Map(
      [...labels.matchAll(LABEL)].map(([, name, value = '']) => [name, unescaped(value)]),
    );
    const [server = '', zone = '', view = ''] = ['server', 'zone', 'view'].map(name => found.get(name));
    const key = JSON.stringify([server, zone, view]);
    const known = zones.get(key) ?? { server, zone: zoneName(zone), view, plugins: new Set<string>() };
    known.plugins.add(found.get('name') ?? '');
    zones.set(key, known);
  }
  return [...zones.values()];
}

/** The same, with what the plugin `reload` counts. It does not count a text that does not parse. */
export function runningCoreDns(metrics: string): RunningCoreDns {
  const [, seen] = /^coredns_reload_version_info\{.*?value="([^"]*)".*?\}\s+1/m.exec(metrics) ?? [];
  const [, refusals] = /^coredns_reload_failed_total\s+(\S+)/m.exec(metrics) ?? [];
  const [, major, minor] = /^coredns_build_info\{.*?version="(\d+)\.(\d+)/m.exec(metrics) ?? [];
  const tells = seen !== undefined || Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 8);
  return { zones: runningZones(metrics), tells, seen, refusals: Number(refusals ?? 0) || 0 };
}

/** What those zones say of the stanza for one zone. */
export function runningStanza(zones: readonly RunningZone[], zone: string): RunningStanza {
  const own = zones.filter(running => running.zone === zoneName(zone));
  return {
    present: own.some(({ plugins }) => plugins.has('forward')),
    cached: own.some(({ plugins }) => plugins.has('cache')),
  };
}

function unescaped(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}
