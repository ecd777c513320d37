import type { ApiServer } from './api-server.ts';
import { pagePath } from './status-cluster.ts';

/** How a pod of CoreDNS meets a change of its Corefile. */
export type Temper =
  | 'reloads'
  /** Keeps the old one and counts that. */
  | 'refuses'
  /** Sees nothing. */
  | 'sleeps'
  /** Ends with it, again and again. */
  | 'crashes';

interface PodOptions {
  readonly name: string;
  readonly temper?: Temper;
  /** The ConfigMap that it reads. */
  readonly map?: string;
  /** What its metrics tell of at first; undefined: what the ConfigMap says. */
  readonly runs?: string;
}

/** A pod of CoreDNS on an API server in memory, which has at work what its ConfigMaps say, and tells so. */
export class CoreDnsPodInMemory {
  temper: Temper;
  readonly #server: ApiServer;
  readonly #name: string;
  readonly #map: string;
  #text: string;
  #seen = '';
  #refusals = 0;
  #restarts = 0;
  #ready = true;

  constructor(server: ApiServer, { name, temper = 'reloads', map = 'coredns', runs }: PodOptions) {
    this.temper = temper;
    this.#server = server;
    this.#name = name;
    this.#map = map;
    this.#text = runs ?? this.#wanted();
    this.#tell();
    server.store.follow(({ collection, record }) => {
      if (collection === '/configmaps' && JSON.parse(record.json).metadata.namespace === 'kube-system')
        this.#look();
      if (collection === 'apps/deployments' && record.json.includes('restartedAt')) this.#startAnew();
    });
  }

  #wanted(): string {
    const data = (name: string): Record<string, string> =>
      Object(this.#server.store.get('/configmaps', 'kube-system', name)?.['data']);
    const custom = this.#map === 'coredns' ? Object.values(data('coredns-custom')) : [];
    return [data(this.#map)['Corefile'] ?? '', ...custom].join('\n');
  }

  #look(): void {
    const text = this.#wanted();
    const reads = text.includes('reload') && text !== this.#text;
    if (!reads || this.temper === 'sleeps') return;
    this.#seen = `${text.length}`;
    if (this.temper === 'refuses') this.#refusals += 1;
    else if (this.temper === 'crashes') [this.#restarts, this.#ready] = [this.#restarts + 2, false];
    else [this.#text, this.#ready] = [text, true];
    this.#tell();
  }

  #startAnew(): void {
    this.#text = this.#wanted();
    this.#restarts += 1;
    this.#tell();
  }

  #tell(): void {
    const status = {
      podIP: '10.10.0.2',
      conditions: [{ type: 'Ready', status: this.#ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'coredns', restartCount: this.#restarts }],
    };
    const labels = { 'k8s-app': this.#map === 'coredns' ? 'kube-dns' : this.#map };
    this.#server.put({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace: 'kube-system', name: this.#name, labels },
      spec: { nodeName: 'node-1', containers: [{ name: 'coredns', image: 'coredns:1.12' }] },
      status,
    });
    const port = this.#map === 'coredns' ? '9153' : '9253';
    const path = pagePath('kube-system', this.#name, port, '/metrics');
    this.#server.pages.set(path, { status: 200, text: this.#metrics() });
  }

  #metrics(): string {
    const zones = [...this.#text.matchAll(/^(\S+?)(?::\d+)? \{/gm)].map(([, zone]) => zone);
    const enabled = zones.map(
      zone => `coredns_plugin_enabled{name="forward",server="dns://:53",view="",zone="${zone}."} 1`,
    );
    const seen =
      this.#seen === '' ? [] : [`coredns_reload_version_info{hash="sha512",value="${this.#seen}"} 1`];
    return [...enabled, ...seen, `coredns_reload_failed_total ${this.#refusals}`, ''].join('\n');
  }
}
