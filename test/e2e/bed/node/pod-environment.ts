import type { Manifest } from '../api.ts';
import { type Description, nodeAddress, serviceAddress } from '../description.ts';
import type { ContainerSpec, EnvironmentVariable, PodSpec } from './spec.ts';

/** The environment of a container. */
export function environmentOf(
  { env = [] }: ContainerSpec,
  pod: Manifest,
  description: Description,
  podIP: string,
): Record<string, string> {
  const fields: Readonly<Record<string, string | undefined>> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace,
    'spec.nodeName': pod['spec'].nodeName,
    'status.podIP': podIP,
  };
  const textOf = ({ value, valueFrom }: EnvironmentVariable): string =>
    value ?? fields[valueFrom?.fieldRef?.fieldPath ?? ''] ?? '';
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/',
    KUBERNETES_SERVICE_HOST: serviceAddress(description, 1),
    KUBERNETES_SERVICE_PORT: '443',
    ...Object.fromEntries(env.map(variable => [variable.name, textOf(variable)])),
  };
}

/** The files that every pod has of its node, by their paths. */
export function filesOf(pod: Manifest, description: Description, podIP: string): Record<string, string> {
  const { namespace, name } = pod.metadata;
  const spec: PodSpec = pod['spec'];
  const domains = [`${namespace}.svc.cluster.local`, 'svc.cluster.local', 'cluster.local'];
  const ofCluster = [
    `nameserver ${serviceAddress(description, 10)}`,
    `search ${domains.join(' ')}`,
    'options ndots:5',
  ];
  // Nobody answers there: a name outside the cluster fails at once instead of leaving the bed.
  const ofNode = [`nameserver ${nodeAddress(description)}`];
  const resolver = spec.dnsPolicy === 'Default' ? ofNode : ofCluster;
  const hosts = ['127.0.0.1 localhost', '::1 localhost', `${podIP} ${name}`];
  return { '/etc/resolv.conf': `${resolver.join('\n')}\n`, '/etc/hosts': `${hosts.join('\n')}\n` };
}
