import { onTestFinished, vi } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ApiError } from '../../src/kube/api-error.ts';
import { HttpsApiClient } from '../../src/kube/https-client.ts';
import { apiVersionOf, type Resource } from '../../src/kube/resource.ts';
import { loggerTo } from '../../src/ops/log.ts';
import { createSourceMetrics } from '../../src/ops/metrics.ts';
import { Zone } from '../../src/records/zone.ts';
import { KubernetesSource, type KubernetesTools } from '../../src/source/kubernetes/kubernetes.ts';
import type { SourceOptions } from '../../src/source/source.ts';
import { ApiServer } from './api-server.ts';
import { absoluteName, relativeLines } from './cluster-set.ts';
import type { LogLine } from './directory.ts';
import { ask, type Decoded, NOW_SECONDS, responderOf } from './dns.ts';
import type { TypeText } from './packet.ts';

/** An API server that listens until the test is over. */
export async function apiServer(...yaml: readonly string[]): Promise<ApiServer> {
  const server = await new ApiServer().start();
  onTestFinished(() => server.end());
  for (const text of yaml) server.load(text);
  return server;
}

/** Deletes the objects that these YAML documents name. */
export function unload(server: ApiServer, yaml: string): void {
  for (const document of parseAllDocuments(yaml)) server.remove(document.toJS());
}

/** A client of a server that lacks some kinds: `remoteclusters.causeway.dev/v1alpha1`. */
class LackingClient extends HttpsApiClient {
  readonly #lacks: ReadonlySet<string>;
  readonly #status: number;

  constructor(server: ApiServer, lacks: ReadonlySet<string>, status: number) {
    super(server.connection());
    this.#lacks = lacks;
    this.#status = status;
  }

  override async list(...[resource, options, signal]: Parameters<HttpsApiClient['list']>) {
    this.#check(resource);
    return super.list(resource, options, signal);
  }

  #check(resource: Resource): void {
    const kind = `${resource.plural}.${apiVersionOf(resource)}`;
    if (!this.#lacks.has(kind)) return;
    throw new ApiError(`list ${kind}`, {
      status: this.#status,
      reason: 'NotFound',
      message: 'there is no such kind',
    });
  }
}

export interface BedOptions extends Partial<Pick<SourceOptions, 'localCluster' | 'stateDir'>> {
  readonly tools?: Partial<KubernetesTools>;
  readonly lacks?: Set<string>;
  readonly lacksStatus?: number;
}

/** A source that is started and may or may not come to know its API server, and the zone that it fills. */
export function kubernetesBed(server: ApiServer, options: BedOptions = {}) {
  const { tools, lacks = new Set(), lacksStatus = 404, ...rest } = options;
  const lines: LogLine[] = [];
  const metrics = createSourceMetrics();
  const source = new KubernetesSource(
    {
      ...rest,
      log: loggerTo({ write: text => void lines.push(JSON.parse(text)) }, 'info'),
      metrics,
      sink: {
        changed: change => zone.apply(change, NOW_SECONDS),
        synced: () => zone.markSynced(),
      },
    },
    {
      connect: async () => new LackingClient(server, lacks, lacksStatus),
      snapshotRest: 20,
      ...tools,
    },
  );
  const zone = new Zone({
    origin: 'clusterset.local',
    ttl: 5,
    get localCluster() {
      return source.localCluster;
    },
    backends: 'service',
    clusterNames: false,
    nameserverAddresses: [],
  });
  const responder = responderOf(zone);
  const askFor = (name: string, type: TypeText): Decoded =>
    ask(responder, absoluteName(name), type, { edns: 1232 });
  onTestFinished(() => source.stop());
  return {
    source,
    zone,
    metrics,
    lines,
    started: source.start(),
    ask: askFor,
    /** The answer section, or the response code where it is empty. */
    answer: (name: string, type: TypeText = 'A'): string[] => {
      const { answers, rcode } = askFor(name, type);
      return answers.length > 0 ? relativeLines(answers) : [rcode];
    },
    /** All addresses that 100 queries get. */
    drawn: (name: string): string[] => {
      const answers = Array.from({ length: 100 }, () => askFor(name, 'A').answers).flat();
      return [...new Set(relativeLines(answers).map(line => line.split(' ').at(-1) ?? ''))].sort();
    },
    messages: (): string[] => lines.map(line => String(line['msg'])),
  };
}

export type KubernetesBed = ReturnType<typeof kubernetesBed>;

/** The same, with the API server known. */
export async function openKubernetes(server: ApiServer, options: BedOptions = {}): Promise<KubernetesBed> {
  const bed = kubernetesBed(server, options);
  await bed.started;
  return bed;
}

/** Waits until it holds; then the last look is what the test has seen. */
export function eventually(look: () => void): Promise<void> {
  return vi.waitFor(look, { timeout: 10_000, interval: 5 });
}
