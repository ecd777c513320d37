import { OperatorsCluster } from './command-run.ts';
import { CoreDnsPodInMemory, type Temper } from './coredns-pods.ts';

export const SERVICES = `
apiVersion: v1
kind: Service
metadata: {namespace: causeway-system, name: causeway-dns}
spec: {clusterIP: 10.96.0.53, clusterIPs: [10.96.0.53], ports: [{port: 53, protocol: UDP}]}
---
apiVersion: v1
kind: Service
metadata: {namespace: kube-system, name: kube-dns}
spec: {clusterIP: 10.96.0.10, clusterIPs: [10.96.0.10], ports: [{port: 53, protocol: UDP}]}
`;

/** What `coredns install` puts into a stock Corefile. */
export const STANZA = `# causeway: begin
# Managed: \`causeway coredns install\` writes these lines anew, \`causeway coredns remove\` takes them out.
clusterset.local:53 {
    errors
    forward . 10.96.0.53 {
        max_concurrent 1000
    }
    prometheus :9153
}
# causeway: end
`;

/** A cluster with two pods of CoreDNS. */
export class CoreDnsCluster {
  readonly cluster: OperatorsCluster;
  readonly pods: readonly CoreDnsPodInMemory[];

  private constructor(cluster: OperatorsCluster, pods: readonly CoreDnsPodInMemory[]) {
    this.cluster = cluster;
    this.pods = pods;
  }

  static async start(
    Corefile: string,
    tempers: readonly Temper[] = ['reloads', 'reloads'],
    custom?: Readonly<Record<string, string>>,
  ): Promise<CoreDnsCluster> {
    const cluster = await OperatorsCluster.start();
    const { api } = cluster;
    api.load(SERVICES);
    // Everything that is not ours to touch.
    const metadata = { namespace: 'kube-system', name: 'coredns', labels: { team: 'platform' } };
    const data = { Corefile, 'hosts.db': '10.0.0.1 gateway\n' };
    api.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data, binaryData: { logo: 'AAEC' } });
    if (custom !== undefined) putMap(cluster, 'coredns-custom', custom);
    const pods = tempers.map(
      (temper, index) => new CoreDnsPodInMemory(api, { name: `coredns-${'ab'[index]}`, temper }),
    );
    return new CoreDnsCluster(cluster, pods);
  }

  /** Text of a ConfigMap of kube-system. */
  text(name = 'coredns', key = 'Corefile'): string | undefined {
    return Object(this.cluster.api.store.get('/configmaps', 'kube-system', name)?.['data'])[key];
  }

  run(line: string) {
    return this.cluster.run(`coredns ${line}`);
  }
}

export function putMap(
  { api }: OperatorsCluster,
  name: string,
  data: Readonly<Record<string, string>>,
): void {
  api.put({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'kube-system', name }, data });
}
