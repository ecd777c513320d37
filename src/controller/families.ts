import type { AddressFamily } from '../base/ip.ts';
import { ApiError } from '../kube/api-error.ts';
import type { ApiClient } from '../kube/client.ts';
import { RESOURCES } from '../kube/resource.ts';

/**
 * The families that Services of this cluster can have. No object says it (the `kubernetes` Service has one family even
 * where there are two), so the API server is asked to check, and not to store, a Service of each.
 */
export async function localFamilies(client: ApiClient, namespace: string): Promise<readonly AddressFamily[]> {
  const answers = await Promise.all(
    (['IPv4', 'IPv6'] as const).map(async family =>
      (await isServed(client, namespace, family)) ? [family] : [],
    ),
  );
  return answers.flat();
}

async function isServed(client: ApiClient, namespace: string, family: AddressFamily): Promise<boolean> {
  const manifest = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `causeway-family-${family.toLowerCase()}`, namespace },
    spec: { ipFamilyPolicy: 'SingleStack', ipFamilies: [family], ports: [{ port: 80 }] },
  };
  try {
    await client.create(RESOURCES.services, { namespace }, manifest, { dryRun: true });
    return true;
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status === 422) return false;
    throw thrown;
  }
}
