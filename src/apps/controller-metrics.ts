import type { Controller } from '../controller/controller.ts';
import { isRouted } from '../controller/nodes/routing.ts';
import { METRICS } from '../ops/metric-table.ts';
import type { Metrics } from '../ops/metrics.ts';

/** Exports what the controller's parts count. */
export function exportControllerMetrics(metrics: Metrics, controller: Controller): void {
  metrics.exportProcess();
  metrics.export(METRICS.controllerLeading, () => [{ value: controller.term === undefined ? 0 : 1 }]);
  metrics.export(METRICS.controllerQueue, () =>
    Object.entries(controller.term?.counts ?? {}).map(([state, value]) => ({ labels: { state }, value })),
  );
  metrics.export(METRICS.controllerWrites, () =>
    Object.entries(controller.writes).map(([result, value]) => ({ labels: { result }, value })),
  );
  metrics.export(METRICS.remoteServing, () => perRemote(controller, name => serving(controller, name)));
  metrics.export(METRICS.remoteSynced, () =>
    perRemote(controller, name => (controller.remotes?.reportOf(name)?.allListed ? 1 : 0)),
  );
  metrics.export(METRICS.remoteNodes, () =>
    perRemote(controller, name => controller.routing?.nodesOf(name)?.size),
  );
  metrics.export(METRICS.remoteNodesLeftOut, () =>
    perRemote(controller, name => controller.routing?.nodesOf(name)?.leftOut),
  );
  metrics.export(METRICS.remoteNodesRefused, () =>
    [...(controller.term?.nodes.refused ?? [])].map(([reason, value]) => ({ labels: { reason }, value })),
  );
  metrics.export(METRICS.dataPathNodes, () => dataPathNodes(controller));
  metrics.export(METRICS.remoteServices, () =>
    perRemote(controller, name => controller.remotes?.importsOf(name)?.services ?? 0),
  );
  metrics.export(METRICS.credentialExpiry, () =>
    perRemote(controller, name => {
      const end = controller.remotes?.credentialLifeOf(name)?.to;
      return end === undefined ? undefined : (end - Date.now()) / 1_000;
    }),
  );
  metrics.export(METRICS.remoteWriteLag, () =>
    perRemote(controller, name => {
      const last = controller.term?.lagOf(name).last;
      return last === undefined ? undefined : last / 1_000;
    }),
  );
  metrics.export(METRICS.meshConflicts, () => [{ value: controller.state?.mesh.conflicts.length ?? 0 }]);
  metrics.export(METRICS.meshEndpoints, () => [{ value: controller.state?.mesh.sizes.endpoints ?? 0 }]);
}

/** Where a value is undefined, there is none of that remote cluster. */
function perRemote(controller: Controller, read: (name: string) => number | undefined) {
  return [...(controller.state?.remoteClusters.keys() ?? [])].flatMap(name => {
    const value = read(name);
    return value === undefined ? [] : [{ labels: { remote: name }, value }];
  });
}

function serving({ remotes }: Controller, name: string): number {
  return remotes?.reportOf(name)?.serving === false ? 0 : 1;
}

/** None of a cluster that nobody routes to. */
function dataPathNodes({ state, routing }: Controller) {
  return [...(state?.remoteClusters.values() ?? [])].flatMap(remote => {
    const { name, status } = remote;
    if (routing === undefined || status.clusterId === undefined || !isRouted(remote)) return [];
    const counts = { up: 0, down: 0, nothing: 0 };
    for (const { says = 'nothing' } of routing.own.verdictsOn(status.clusterId)) counts[says]++;
    return Object.entries(counts).map(([says, value]) => ({ labels: { remote: name, says }, value }));
  });
}
