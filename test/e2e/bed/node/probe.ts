import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerSpec, ProbeSpec } from './spec.ts';

/** What becomes of a container that is probed. */
interface Probed {
  started(): void;
  ready(ready: boolean): void;
  /** It does not come up or is not alive. */
  unhealthy(why: string): void;
}

/** Milliseconds. A kubelet asks once a period from the beginning; a test should not have to wait for that. */
const impatience = 200;

/** Probes a container of a pod with an address until the signal comes, as a kubelet does. */
export async function probe(
  container: ContainerSpec,
  address: string,
  probed: Probed,
  signal: AbortSignal,
): Promise<void> {
  const { startupProbe, readinessProbe, livenessProbe } = container;
  const ask = (spec: ProbeSpec): Promise<boolean> => succeeds(spec, container, address);
  const rounds = { ask, signal };
  if (startupProbe !== undefined) {
    const up = await untilSuccess(startupProbe, rounds);
    if (signal.aborted) return;
    if (!up) return probed.unhealthy('it does not come up');
  }
  probed.started();
  if (readinessProbe === undefined) probed.ready(true);
  await Promise.all([
    readinessProbe && readiness(readinessProbe, rounds, probed),
    livenessProbe && liveness(livenessProbe, rounds, probed),
  ]);
}

interface Rounds {
  readonly ask: (spec: ProbeSpec) => Promise<boolean>;
  readonly signal: AbortSignal;
}

async function untilSuccess(spec: ProbeSpec, { ask, signal }: Rounds): Promise<boolean> {
  const deadline = performance.now() + period(spec) * threshold(spec);
  while (!signal.aborted && performance.now() < deadline) {
    if (await ask(spec)) return true;
    await pause(impatience, signal);
  }
  return false;
}

async function readiness(spec: ProbeSpec, { ask, signal }: Rounds, probed: Probed): Promise<void> {
  for (let ready = false, failures = 0; !signal.aborted; ) {
    failures = (await ask(spec)) ? 0 : failures + 1;
    if (signal.aborted) return;
    const now: boolean = failures === 0 || (ready && failures < threshold(spec));
    if (now !== ready) probed.ready(now);
    ready = now;
    await pause(ready ? period(spec) : impatience, signal);
  }
}

async function liveness(spec: ProbeSpec, { ask, signal }: Rounds, probed: Probed): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    failures = (await ask(spec)) ? 0 : failures + 1;
    if (failures >= threshold(spec) && !signal.aborted) return probed.unhealthy('it is not alive');
    await pause(period(spec), signal);
  }
}

const period = ({ periodSeconds = 10 }: ProbeSpec): number => periodSeconds * 1_000;
const threshold = ({ failureThreshold = 3 }: ProbeSpec): number => failureThreshold;

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => {});
}

async function succeeds(spec: ProbeSpec, container: ContainerSpec, host: string): Promise<boolean> {
  const target = spec.httpGet ?? spec.tcpSocket;
  if (target === undefined) throw new Error(`${container.name} has a probe that no node of the bed knows`);
  const port = portOf(target.port, container);
  const signal = AbortSignal.timeout((spec.timeoutSeconds ?? 1) * 1_000);
  try {
    if (spec.httpGet === undefined) {
      const socket = connect({ host, port, signal });
      await once(socket, 'connect', { signal }).finally(() => socket.destroy());
      return true;
    }
    const request = get({ host, port, path: spec.httpGet.path ?? '/', agent: false, signal });
    const [{ statusCode }] = await once(
      request.on('response', response => response.resume()),
      'response',
    );
    return statusCode >= 200 && statusCode < 400;
  } catch {
    return false;
  }
}

function portOf(port: number | string, { name, ports = [] }: ContainerSpec): number {
  if (typeof port === 'number') return port;
  const found = ports.find(one => one.name === port)?.containerPort;
  if (found === undefined) throw new Error(`${name} has no port ${port}`);
  return found;
}
