import { several } from '../base/several.ts';
import type { Finding } from '../views/finding.ts';

/** What is in a cluster that Causeway leaves, and is not, or may not be, its own. */
export interface LeavingsFacts {
  /** ServiceExports of users that are not asked to go: `shop/payments`. */
  readonly exports: readonly string[];
  /** Definitions that everybody may use, and why they stay. */
  readonly definitions: readonly {
    readonly name: string;
    readonly because: 'foreign' | 'used';
    readonly objects: number;
  }[];
  /** Other clusters that could read this one, by the names that they have here. */
  readonly readers: readonly string[];
  /** Whether a Corefile has our stanza, or the address of the DNS daemon. */
  readonly forwarded: boolean;
  /** Whether routing agents ran on its nodes. */
  readonly routed: boolean;
  /** Nodes on which these published something. */
  readonly published: number;
}

/** How many names a line has room for. */
const SHOWN = 5;

/** What stays in a cluster and elsewhere, for the person who wants it gone. */
export function leavings(facts: LeavingsFacts): Finding[] {
  const { exports, definitions, readers, forwarded, routed, published } = facts;
  return [
    ...exportFindings(exports),
    ...definitions.map(
      ({ name, because, objects }): Finding => ({
        check: 'stays.definition',
        about: name,
        verdict: because === 'foreign' ? 'good' : 'warning',
        found:
          because === 'foreign'
            ? 'was installed by another program and stays'
            : `stays, because ${several(objects, 'object')} of it ${objects === 1 ? 'is' : 'are'} not Causeway's`,
      }),
    ),
    ...readers.map(
      (name): Finding => ({
        check: 'stays.remote',
        about: name,
        verdict: 'warning',
        found: 'could read this cluster, and has a RemoteCluster for it that finds nobody any more',
        remedy: 'take it away there: causeway disconnect --context <that cluster> <this cluster>',
      }),
    ),
    ...(forwarded ? [FORWARDED] : []),
    ...(routed ? [ROUTED] : []),
    ...(published > 0 ? [publishedFinding(published)] : []),
  ];
}

/** An agent that ends cannot know whether another one is going to follow, which must find everything as it was. */
const ROUTED: Finding = {
  check: 'stays.routes',
  about: 'nodes',
  verdict: 'warning',
  found: 'keep the routes and devices to other clusters that routing agents set up, until they start anew',
  remedy: 'on each node that shall not keep them so long: causeway agent --clean (docs/deploy.md, Uninstall)',
};

/** Taken back, but by its words also for a dry run. */
function publishedFinding(nodes: number): Finding {
  const found = `${several(nodes, 'Node')} ${nodes === 1 ? 'loses' : 'lose'} the annotations that routing agents published there`;
  return { check: 'goes.annotations', about: 'nodes', verdict: 'good', found };
}

const FORWARDED: Finding = {
  check: 'stays.coredns',
  about: 'CoreDNS',
  verdict: 'warning',
  found: 'forwards to the address of the DNS daemon, where nobody answers any more',
  remedy:
    'take the stanza out of the Corefile with causeway coredns remove, or by hand where it was put in by hand',
};

function exportFindings(names: readonly string[]): Finding[] {
  if (names.length === 0) return [];
  const more = names.length > SHOWN ? ', …' : '';
  return [
    {
      check: 'stays.exports',
      about: 'ServiceExports',
      verdict: 'warning',
      found: `${several(names.length, 'ServiceExport')} of users ${names.length === 1 ? 'stays' : 'stay'}: ${names.slice(0, SHOWN).join(', ')}${more}`,
      remedy: 'to remove them as well, run this again with --exports',
    },
  ];
}
