import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { toolPath } from '../../kit/go-tools.ts';
import { waitFor } from '../../kit/wait.ts';
import type { Cluster } from '../cluster.ts';
import { nodeName, podRanges } from '../description.ts';

const health = '127.0.0.1:10256';

/**
 * Starts the real kube-proxy in the network that this process is in, and again whenever it ends; resolves when it has
 * written its rules once. For all nodes it is one, as their pods hang on one network; it takes itself for the first.
 * @param folder of the cluster
 */
export async function startKubeProxy(cluster: Cluster, folder: string): Promise<void> {
  const config = join(folder, 'kube-proxy.yaml');
  await writeFile(config, stringify(configuration(cluster, await cluster.kubeconfig())));
  const keep = async (): Promise<void> => {
    for (;;) {
      await runOnce(config, join(folder, 'run', 'kube-proxy.log'));
      console.log('kube-proxy has ended');
      await sleep(1_000);
    }
  };
  keep().catch(console.error);
  const look = async (): Promise<boolean> => (await fetch(`http://${health}/healthz`)).ok;
  await waitFor('kube-proxy has written its rules', look, Boolean, 30_000);
}

async function runOnce(config: string, log: string): Promise<void> {
  const output = openSync(log, 'a');
  const command = ['--pdeathsig', 'KILL', toolPath('kube-proxy'), '--config', config];
  const child = spawn('setpriv', command, { stdio: ['ignore', output, output] });
  closeSync(output);
  await once(child, 'close');
}

function configuration({ description }: Cluster, kubeconfig: string): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig },
    hostnameOverride: nodeName(0),
    detectLocalMode: 'ClusterCIDR',
    clusterCIDR: podRanges(description).join(','),
    healthzBindAddress: health,
    metricsBindAddress: '127.0.0.1:10249',
    // A second is its default; a test would wait for it at every change.
    nftables: { minSyncPeriod: '100ms' },
    // Limits of the whole machine, which is not the bed's to set.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
  };
}
