import { expect, test, vi } from 'vitest';
import { MADE_FOR } from '../../src/objects/names.ts';
import { ControlledCluster } from '../kit/controlled-cluster.ts';
import { exportedService, imports, SOON } from '../kit/joined.ts';
import { base64 } from '../kit/kubeconfig.ts';

const account = { namespace: 'causeway-exports-west', name: 'west' };

/** West reads east with a token of this many seconds, of which so many are over. */
async function joinedByToken(seconds: number, age: number) {
  const [east, west] = [await ControlledCluster.start('east'), await ControlledCluster.start('west')];
  east.api.token = 'of-the-administrator';
  east.api.put({ kind: 'ServiceAccount', metadata: account });
  const give = (life: number, over: number) => {
    const token = east.api.accounts.issue(account.namespace, account.name, life, over);
    const metadata = { namespace: 'causeway-system', name: 'east', labels: { [MADE_FOR]: 'east' } };
    west.api.put({ kind: 'Secret', metadata, data: { kubeconfig: base64(east.kubeconfig({ token })) } });
    return token;
  };
  west.connect(east);
  give(seconds, age);
  await east.control();
  east.api.load(exportedService('pay'));
  const tokenNow = () => {
    const secret = west.api.store.get('/secrets', 'causeway-system', 'east');
    return /token: (\S+)/.exec(
      Buffer.from(String(Object(secret?.['data']).kubeconfig), 'base64').toString(),
    )?.[1];
  };
  return { east, west, give, tokenNow };
}

test('a credential that is about to end is renewed, nothing is read anew for that, and nothing is missed', async () => {
  const { east, west, give, tokenNow } = await joinedByToken(3_600, 0);
  const controller = await west.control();
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/pay']), SOON);
  await vi.waitFor(
    () => expect(controller.remotes?.reportOf('east')?.facts.sync.reason).toBe('Synced'),
    SOON,
  );
  const { list } = east.api.counts;

  const ending = give(60, 50);
  await vi.waitFor(() => expect(tokenNow()).not.toBe(ending), SOON);
  await vi.waitFor(
    () => expect(controller.remotes?.credentialLifeOf('east')?.to).toBeGreaterThan(Date.now() + 500_000),
    SOON,
  );
  east.api.load(exportedService('cart'));
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/cart', 'shop/pay']), SOON);
  expect(east.api.counts.list).toBe(list);
  const events = west.api.store.objects('events.k8s.io/events').map(({ reason }) => reason);
  expect(events).toContain('CredentialRenewed');

  // Every request from here on has to bear the new one.
  await east.api.stop();
  await east.api.start();
  east.api.load(exportedService('late'));
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/cart', 'shop/late', 'shop/pay']), SOON);
});

test('a credential that has ended is told, and the next one is taken up at once', async () => {
  const { west, give } = await joinedByToken(3_600, 3_600);
  const controller = await west.control();
  const reason = () => controller.remotes?.reportOf('east')?.facts.sync.reason;
  await vi.waitFor(() => expect(reason()).toBe('CredentialRefused'), SOON);
  const told = () =>
    west.api.store.objects('events.k8s.io/events').map(event => `${event['reason']}: ${event['note']}`);
  await vi.waitFor(
    () => expect(told()).toContainEqual(expect.stringMatching(/^CredentialNotRenewed: .*401/)),
    SOON,
  );
  give(3_600, 0);
  await vi.waitFor(() => expect(imports(west)).toEqual(['shop/pay']), SOON);
  expect(reason()).toBe('Synced');
});
