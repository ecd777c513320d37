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
    perRemote(controller, name => (controller.remotes?.credentialEndOf(name) ?? Number.NaN) - Date.now())
      .filter(({ value }) => !Number.isNaN(value))
      .map(({ labels, value }) => ({ labels, value: value / 1_000 })),
  );
  metrics.export(METRICS.meshConflicts, () => [{ value: controller.state?.mesh.conflicts.length ?? 0 }]);
  metrics.export(METRICS.meshEndpoints, () => [{ value: controller.state?.mesh.sizes.endpoints ?? 0 }]);
}

function perRemote(controller: Controller, value: (name: string) => number) {
  const names = [...(controller.state?.remoteClusters.keys() ?? [])];
  return names.map(name => ({ labels: { remote: name }, value: value(name) }));
}

function serving({ remotes }: Controller, name: string): number {
  return remotes?.reportOf(name)?.health.serving === false ? 0 : 1;
}
