import type { ApiClient } from '../kube/client.ts';
import type { Connection } from '../kube/connection.ts';
import { OPERATOR_FIELD_MANAGER } from '../objects/names.ts';

/** How an operator points at a cluster. */
export interface ClusterAccess {
  readonly kubeconfig: string | undefined;
  /** Undefined: the current one. */
  readonly context: string | undefined;
}

/** A cluster that an operator works on, with the rights of the operator's own credential. */
export interface OperatedCluster {
  /** The kubeconfig's name for it, which is what the operator knows it by. */
  readonly context: string;
  readonly client: ApiClient;
}

/** The same with what its client connects with. */
export interface OpenedCluster extends OperatedCluster {
  readonly connection: Connection;
}

/**
 * Opens a cluster. Nothing is asked yet.
 *
 * @throws CausewayError KUBECONFIG_INVALID, CONTEXT_UNKNOWN
 */
export async function openCluster({ kubeconfig, context }: ClusterAccess): Promise<OpenedCluster> {
  const [{ operatorConnection }, { HttpsApiClient }] = await Promise.all([
    import('../kube/credentials.ts'),
    import('../kube/https-client.ts'),
  ]);
  const connection = await operatorConnection(kubeconfig, context);
  return {
    context: connection.context,
    client: new HttpsApiClient(connection, {}, OPERATOR_FIELD_MANAGER),
    connection,
  };
}
