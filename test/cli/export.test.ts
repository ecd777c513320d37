import { parse } from 'valibot';
import { describe, expect, onTestFinished, test } from 'vitest';
import { PARTLY_IGNORED } from '../../src/objects/names.ts';
import { Export, Unexport } from '../../src/views/export.ts';
import { OperatorsCluster } from '../kit/command-run.ts';

const SERVICE = `
apiVersion: v1
kind: Service
metadata: {namespace: shop, name: payments}
spec: {clusterIP: 10.96.0.7, clusterIPs: [10.96.0.7], ports: [{port: 80}]}
`;

/** A ServiceExport that the controller has published, with these annotations. */
function published(annotations: string, { valid = true, ignored = '' } = {}): string {
  const condition = (type: string, status: string, reason: string, message: string) =>
    `{type: ${type}, status: '${status}', reason: ${reason}, message: ${message}, lastTransitionTime: '2026-03-01T08:00:00Z'}`;
  const conditions = valid
    ? [
        condition('Valid', 'True', 'Valid', 'can be exported'),
        condition('Ready', 'True', 'Ready', 'cluster east publishes it'),
        condition('Conflict', 'True', 'PortConflict', 'ports differ'),
        ...(ignored === '' ? [] : [condition(PARTLY_IGNORED, 'True', 'InvalidValue', ignored)]),
      ]
    : [
        condition('Valid', 'False', 'NoService', 'there is no such Service'),
        condition('Ready', 'False', 'Pending', 'nothing is exported until it is valid'),
      ];
  return `
apiVersion: multicluster.x-k8s.io/v1beta1
kind: ServiceExport
metadata: {namespace: shop, name: payments, annotations: ${annotations}}
status: {conditions: [${conditions.join(', ')}]}
`;
}

async function clusterWith(yaml = ''): Promise<OperatorsCluster> {
  const cluster = await OperatorsCluster.start();
  if (yaml !== '') cluster.api.load(yaml);
  return cluster;
}

/** Has the leading controller of the cluster renew its Lease, until the test ends. */
function controlled({ api }: OperatorsCluster): void {
  let times = 0;
  const renew = () => {
    const metadata = { namespace: 'causeway-system', name: 'causeway-controller' };
    const spec = { holderIdentity: 'one', leaseTransitions: times++ };
    api.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec });
  };
  const timer = setInterval(renew, 50);
  onTestFinished(() => clearInterval(timer));
}

const stored = ({ api }: OperatorsCluster) => api.store.objects('multicluster.x-k8s.io/serviceexports');

describe('causeway export', () => {
  test('writes a ServiceExport with what is asked, and says what the controller says', async () => {
    const cluster = await clusterWith(`${SERVICE}---${published('{owner: somebody}')}`);
    controlled(cluster);
    const { code, output } = await cluster.run('export payments -n shop --weight 80 --affinity local');
    expect(output).toBe(`ServiceExport shop/payments: changed
  causeway.dev/affinity: local
  causeway.dev/weight: 80
✓ shop/payments: Valid is True (Valid): can be exported
✓ shop/payments: Ready is True (Ready): cluster east publishes it
⚠ shop/payments: Conflict is True (PortConflict): ports differ
`);
    expect(code).toBe(0);
    expect(stored(cluster).map(({ metadata }) => metadata.annotations)).toEqual([
      { owner: 'somebody', 'causeway.dev/weight': '80', 'causeway.dev/affinity': 'local' },
    ]);
  });

  test('says what of it cannot be read, whoever wrote that', async () => {
    const ignored = 'found ten';
    const cluster = await clusterWith(`${SERVICE}---${published("{causeway.dev/ttl: 'ten'}", { ignored })}`);
    controlled(cluster);
    const { code, output } = await cluster.run('export payments -n shop --weight 80');
    expect(output).toContain(
      '⚠ shop/payments: causeway.dev/PartlyIgnored is True (InvalidValue): found ten\n',
    );
    expect(code).toBe(0);
  });

  test('waits until what it has mended is no longer complained of', async () => {
    const ignored = 'found ten';
    const cluster = await clusterWith(
      `${SERVICE}---${published("{causeway.dev/weight: 'ten'}", { ignored })}`,
    );
    controlled(cluster);
    setTimeout(() => cluster.api.load(published("{causeway.dev/weight: '80'}")), 600);
    const { code, output } = await cluster.run('export payments -n shop --weight 80');
    expect(output).toMatch(/✓ shop\/payments: Ready is True/);
    expect(output).not.toContain(PARTLY_IGNORED);
    expect(code).toBe(0);
  });

  test('leaves what it asked for before as it is', async () => {
    const managedFields = `[{manager: causeway-cli, operation: Apply, fieldsV1: {'f:metadata': {'f:annotations': {'f:causeway.dev/weight': {}}}}}]`;
    const before = published("{causeway.dev/weight: '80'}").replace(
      'metadata: {',
      `metadata: {managedFields: ${managedFields}, `,
    );
    const cluster = await clusterWith(`${SERVICE}---${before}`);
    await cluster.run('export payments -n shop --affinity local');
    await cluster.run('export payments -n shop --ttl 5');
    expect(stored(cluster)[0]?.metadata.annotations).toMatchObject({
      'causeway.dev/weight': '80',
      'causeway.dev/ttl': '5',
    });
  });

  test('again, it says that nothing changes', async () => {
    const cluster = await clusterWith(`${SERVICE}---${published("{causeway.dev/weight: '80'}")}`);
    const { output } = await cluster.run('export payments -n shop --weight 80 -o json');
    const done = JSON.parse(output);
    expect(parse(Export, done)).toEqual(done);
    expect(done).toMatchObject({ change: 'unchanged', annotations: { 'causeway.dev/weight': '80' } });
  });

  test('what was said before is not good when the controller gives no sign', async () => {
    const cluster = await clusterWith(`${SERVICE}---${published('{}')}`);
    const { code, output } = await cluster.run(
      'export payments -n shop --weight 80 --wait --wait-duration 1s',
    );
    expect(code).toBe(1);
    expect(output).toBe(`ServiceExport shop/payments: changed
  causeway.dev/weight: 80
? east: no sign of the controller within 1 s; what its conditions say is of before
  → see whether it runs: causeway status --context east
? shop/payments: Valid is True (Valid): can be exported
? shop/payments: Ready is True (Ready): cluster east publishes it
⚠ shop/payments: Conflict is True (PortConflict): ports differ
`);
  });

  test('without a controller it says that nobody has spoken, and with --wait that is exit code 1', async () => {
    const cluster = await clusterWith(SERVICE);
    const { code, output } = await cluster.run('export payments -n shop --wait --wait-duration 1s');
    expect(code).toBe(1);
    expect(output).toBe(`ServiceExport shop/payments: created
? shop/payments: the controller has said nothing of it yet
  → see \`causeway status\`, and ask again with --wait
`);
  });

  test('a Service that is not there is refused, but for --force', async () => {
    const cluster = await clusterWith();
    const { code, complaints } = await cluster.run('export payments -n shop');
    expect([code, complaints]).toEqual([
      1,
      [
        'could not export shop/payments of east: there is no such Service; check name and --namespace, or use --force to export it ahead of its creation',
      ],
    ]);
    expect(stored(cluster)).toEqual([]);
    cluster.api.load(published('{}', { valid: false }));
    const forced = await cluster.run('export payments -n shop --force --weight 1');
    expect(forced.code).toBe(1);
    expect(forced.output).toContain(
      '✗ shop/payments: Valid is False (NoService): there is no such Service\n',
    );
  });

  test('an ExternalName has nothing to export', async () => {
    const cluster = await clusterWith(
      '{apiVersion: v1, kind: Service, metadata: {namespace: default, name: mail}, spec: {type: ExternalName, externalName: mail.example}}',
    );
    const { code, complaints } = await cluster.run('export mail');
    expect(code).toBe(1);
    expect(complaints[0]).toContain('could not export default/mail of east: it is of type ExternalName');
  });

  test.each([
    ['export payments --weight 1001', '--weight: found "1001": must be a whole number from 0 to 1000'],
    [
      'export payments --export-to region=(',
      expect.stringContaining('--export-to: the selector of clusters '),
    ],
    [
      'export Payments',
      expect.stringContaining('<service>: found "Payments", must be the name of a Service'),
    ],
    ['export', expect.stringContaining('<service>: is missing')],
  ])('causeway %s cannot be understood', async (line, complaint) => {
    const cluster = await clusterWith(SERVICE);
    const { code, complaints } = await cluster.run(line);
    expect([code, complaints]).toEqual([2, [complaint]]);
    expect(stored(cluster)).toEqual([]);
  });
});

describe('causeway unexport', () => {
  test('deletes the ServiceExport', async () => {
    const cluster = await clusterWith(published('{}'));
    const { code, output } = await cluster.run('unexport payments -n shop');
    expect([code, output]).toEqual([0, '✓ shop/payments is not exported any more\n']);
    expect(stored(cluster)).toEqual([]);
  });

  test('says who else keeps it, and by what the Service is shared all the same', async () => {
    const managed = published('{}').replace(
      'metadata: {',
      'metadata: {managedFields: [{manager: argocd-controller, operation: Apply}], ',
    );
    const shared = SERVICE.replace(
      'name: payments}',
      "name: payments, annotations: {service.cilium.io/global: 'true'}}",
    );
    const cluster = await clusterWith(`${shared}---${managed}`);
    const { output } = await cluster.run('unexport payments -n shop -o json');
    const done = JSON.parse(output);
    expect(parse(Unexport, done)).toEqual(done);
    expect(done.findings.map(({ found }: { found: string }) => found)).toEqual([
      'the ServiceExport was written by argocd-controller, too',
      'the Service is still shared with other clusters, by its annotation service.cilium.io/global',
    ]);
  });

  test('of what is not exported says so', async () => {
    const cluster = await clusterWith(SERVICE);
    const { code, output } = await cluster.run('unexport payments -n shop');
    expect([code, output]).toEqual([0, '✓ shop/payments was not exported\n']);
  });
});

test('--help says that --backends is about every cluster, and goes before the clusterset IP', async () => {
  const { output } = await (await clusterWith()).run('export --help');
  expect(output.replaceAll(/\s+/g, ' ')).toContain(
    'which addresses of every cluster that exports it are answered, in place of a clusterset IP;',
  );
});
