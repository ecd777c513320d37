import { expect, onTestFinished, test } from 'vitest';
import { HttpsApiClient } from '../../../src/kube/https-client.ts';
import { surroundings } from '../../../src/operate/connect/surroundings.ts';
import { ApiServer } from '../../kit/api-server.ts';
import { Authority } from '../../kit/certificate.ts';

const authority = new Authority();
const { signal } = new AbortController();

/** A cluster with one node that has these pods. */
async function cluster(id: string, podCidr: string) {
  const server = await new ApiServer({ tls: authority.issue() }).start();
  onTestFinished(() => server.end());
  server.load(`
kind: ClusterProperty
metadata: {name: cluster.clusterset.k8s.io}
spec: {value: ${id}}
---
kind: Node
metadata: {name: ${id}-1}
spec: {podCIDRs: ['${podCidr}']}
status: {addresses: [{type: InternalIP, address: 192.0.2.1}]}
`);
  const tls = { ca: authority.cert };
  const connection = {
    ...server.connection(),
    context: id,
    authenticate: async () => ({ headers: {}, tls }),
  };
  return { context: id, client: new HttpsApiClient(connection), connection };
}

async function told(east: string, west: string, allowOverlap = false) {
  const clusters = [await cluster('east', east), await cluster('west', west)];
  const findings = await surroundings(clusters, 'causeway-system', allowOverlap, signal);
  return Object.fromEntries(findings.map(({ check, verdict, remedy }) => [check, [verdict, remedy]]));
}

test('clusters with networks of their own, and clocks that agree', async () => {
  expect(await told('10.1.0.0/16', '10.2.0.0/16')).toMatchObject({
    'clock.skew': ['good', undefined],
    'cidr.across': ['good', undefined],
  });
});

test('pods of the same addresses speak against connecting them, unless the operator knows better', async () => {
  const refused = await told('10.1.0.0/16', '10.1.128.0/17');
  expect(refused['cidr.across']).toEqual(['bad', expect.stringMatching(/--allow-overlap\.$/)]);
  const allowed = await told('10.1.0.0/16', '10.1.128.0/17', true);
  expect(allowed['cidr.across']?.[0]).toBe('warning');
});
