import type { GlobalProperties, ServicePort } from '../objects/shapes.ts';

/** What a ServiceImport and a derived Service say alike, as manifests spell it. */
export interface PoliciesBody {
  readonly sessionAffinity: 'None' | 'ClientIP';
  readonly sessionAffinityConfig?: { readonly clientIP: { readonly timeoutSeconds: number } };
  readonly internalTrafficPolicy: 'Cluster' | 'Local';
  readonly trafficDistribution?: string;
}

export function policiesBody(from: GlobalProperties): PoliciesBody {
  const { sessionAffinity, sessionAffinityTimeoutSeconds, internalTrafficPolicy, trafficDistribution } = from;
  const seconds = sessionAffinity === 'ClientIP' ? sessionAffinityTimeoutSeconds : undefined;
  return {
    sessionAffinity,
    ...(seconds === undefined ? {} : { sessionAffinityConfig: { clientIP: { timeoutSeconds: seconds } } }),
    internalTrafficPolicy: internalTrafficPolicy ?? 'Cluster',
    ...(trafficDistribution === undefined ? {} : { trafficDistribution }),
  };
}

export function portsBody(ports: readonly ServicePort[]): readonly Readonly<Record<string, unknown>>[] {
  return ports.map(({ name, protocol, port, appProtocol }) => ({
    ...(name === '' ? {} : { name }),
    protocol,
    port,
    ...(appProtocol === undefined ? {} : { appProtocol }),
  }));
}
