import packageJson from '../../package.json' with { type: 'json' };
import type { Controller } from '../controller/controller.ts';
import type { StatusRecord } from '../controller/local-state.ts';
import { remoteConditionsOf } from '../controller/remote-conditions.ts';
import { PARTLY_IGNORED } from '../objects/names.ts';
import type { Metrics } from '../ops/metrics.ts';
import { type HttpOptions, json } from '../serve/http.ts';
import { healthPages, type Readiness } from './health-pages.ts';

/** What the controller shows over HTTP. */
export function controllerPages(
  metrics: Metrics,
  controller: Controller,
  readiness: Readiness,
): HttpOptions['pages'] {
  return {
    ...healthPages(metrics, readiness),
    '/debug/conflicts': () => {
      const { mesh, statuses } = controller.state ?? {};
      const exports = [...(statuses?.values() ?? [])].filter(({ kind }) => kind === 'ServiceExport');
      return json({
        conflicts: mesh?.conflicts ?? [],
        invalidExports: mesh?.invalidExports ?? [],
        unreadyExports: exports.flatMap(unreadyExport),
        partlyIgnoredExports: exports.flatMap(one => conditionSaid(one, PARTLY_IGNORED, 'True')),
      });
    },
    '/debug/remotes': () => json(remotesOf(controller)),
  };
}

/** None where it is ready, or is told of as invalid already. */
function unreadyExport(one: StatusRecord): object[] {
  return conditionSaid(one, 'Valid', 'False').length > 0 ? [] : conditionSaid(one, 'Ready', 'False');
}

/** What a condition says of an object, where it stands so. */
function conditionSaid(
  { namespace, name, conditions }: StatusRecord,
  type: string,
  status: string,
): object[] {
  const held = conditions.find(condition => condition.type === type && condition.status === status);
  return held === undefined ? [] : [{ namespace, name, reason: held.reason, message: held.message }];
}

function remotesOf({ state, remotes, routing, term }: Controller): object {
  const names = [...(state?.remoteClusters.keys() ?? [])].sort();
  return {
    version: packageJson.version,
    cluster: state?.cluster,
    leading: term !== undefined,
    queue: term?.counts,
    remotes: names.map(name => {
      const facts = remotes?.reportOf(name)?.facts;
      const imports = remotes?.importsOf(name);
      const life = remotes?.credentialLifeOf(name);
      return {
        name,
        clusterId: imports?.cluster,
        services: imports?.services ?? 0,
        endpoints: imports?.endpoints ?? 0,
        lag: term?.lagOf(name),
        routes: imports?.cluster === undefined ? undefined : routing?.routesTo(imports.cluster),
        credentialBegins: timeText(life?.from),
        credentialEnds: timeText(life?.to),
        conditions: facts === undefined ? [] : remoteConditionsOf(facts),
      };
    }),
  };
}

/** RFC 3339. */
function timeText(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}
