import type { Controller } from '../controller/controller.ts';
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
  metrics.export(METRICS.remoteServices, () =>
    perRemote(controller, name => controller.remotes?.importsOf(name)?.services ?? 0),
  );
  metrics.export(METRICS.credentialExpiry, () =>
    perRemote(controller, name => {
      const end = controller.remotes?.credentialEndOf(name);
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
  return remotes?.reportOf(name)?.health.serving === false ? 0 : 1;
}
