import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { conditionsOf } from '../../src/objects/conditions.ts';
import { Problems } from '../../src/objects/problem.ts';
import { remoteClusterReader, standInFor } from '../../src/objects/remote-cluster.ts';
import type { RemoteClusterObject } from '../../src/objects/shapes.ts';
import { readYaml } from '../kit/reading.ts';

function read(spec: string, rest = '', metadata = '') {
  const { object, problems } = readYaml(
    remoteClusterReader,
    `{metadata: {name: west, uid: "0-1", generation: 3, ${metadata}}, spec: {${spec}}${rest}}`,
  );
  return { remote: object, problems };
}

const plain = {
  kind: 'RemoteCluster',
  name: 'west',
  uid: '0-1',
  generation: 3,
  labels: {},
  secretName: 'west',
  secretKey: 'kubeconfig',
  overlayRoutingMode: 'Enabled',
  encryption: 'Off',
  namespaces: [],
  status: { conditions: [] },
};

const synced = {
  type: 'Synced',
  status: 'True',
  reason: 'Synced',
  message: 'all is known',
  lastTransitionTime: '2026-01-01T00:00:00Z',
};

describe('a RemoteCluster', () => {
  test('with the least', () => {
    expect(read('secretRef: {name: west}')).toEqual({ remote: plain, problems: [] });
  });

  test('with everything', () => {
    const { remote, problems } = read(
      'secretRef: {name: west.eu, key: admin.conf}, overlayRoutingMode: Disabled, encryption: Required, routingModes: [BGP, VXLAN, BGP], weight: 0, namespaces: [shop, pay, shop]',
      `, status: {clusterId: west-1, services: 7, conditions: [${JSON.stringify({ ...synced, observedGeneration: 3 })}]}`,
      'labels: {region: eu}, annotations: {causeway.dev/allow-mass-removal: "true"}',
    );
    expect(remote).toEqual({
      ...plain,
      labels: { region: 'eu' },
      secretName: 'west.eu',
      secretKey: 'admin.conf',
      overlayRoutingMode: 'Disabled',
      encryption: 'Required',
      routingModes: ['BGP', 'VXLAN'],
      weight: 0,
      namespaces: ['shop', 'pay'],
      allowMassRemoval: true,
      status: { clusterId: 'west-1', services: 7, conditions: [synced] },
    });
    expect(problems).toEqual([]);
  });

  test.each([
    { spec: '', field: 'spec.secretRef' },
    { spec: 'secretRef: {name: "../west"}', field: 'spec.secretRef.name' },
    { spec: 'secretRef: {name: west, key: "a/b"}', field: 'spec.secretRef.key' },
    { spec: 'secretRef: {name: west}, overlayRoutingMode: Auto', field: 'spec.overlayRoutingMode' },
    { spec: 'secretRef: {name: west}, encryption: required', field: 'spec.encryption' },
    { spec: 'secretRef: {name: west}, routingModes: [GRE]', field: 'spec.routingModes[0]' },
    { spec: 'secretRef: {name: west}, weight: 1001', field: 'spec.weight' },
    { spec: 'secretRef: {name: west}, namespaces: [Shop]', field: 'spec.namespaces[0]' },
  ])('{$spec} is refused', ({ spec, field }) => {
    const { remote, problems } = read(spec);
    expect(remote).toBeUndefined();
    expect(problems).toMatchObject([{ severity: 'error', field }]);
  });

  test.each(['status: 7', 'status: {clusterId: West, services: many, conditions: {}}', 'status: null'])(
    'junk in its status never costs the cluster: {%s}',
    status => {
      expect(read('secretRef: {name: west}', `, ${status}`)).toEqual({ remote: plain, problems: [] });
    },
  );
});

describe('conditions', () => {
  test('of any object; what is malformed counts as absent', () => {
    const { reason: _reason, ...without } = synced;
    const conditions = [synced, without, { ...synced, status: 'true' }, null, 7];
    expect(conditionsOf({ status: { conditions } })).toEqual([synced]);
  });

  test.each([undefined, null, 7, {}, { status: [] }, { status: { conditions: 'all good' } }])(
    '%j has none',
    raw => {
      expect(conditionsOf(raw)).toEqual([]);
    },
  );

  test('are never without end', () => {
    expect(conditionsOf({ status: { conditions: Array(1000).fill(synced) } })).toHaveLength(32);
  });
});

describe('what stands for one that cannot be read', () => {
  const stand = (spec: string, last?: RemoteClusterObject) => {
    const raw = parse(
      `{metadata: {name: west, uid: "0-1", generation: 4}, spec: {${spec}}, status: {clusterId: w}}`,
    ) as Parameters<typeof standInFor>[0];
    const problems = new Problems(() => 'it');
    expect(remoteClusterReader.read(raw, problems)).toBeUndefined();
    return standInFor(raw, last, problems.list());
  };
  const { remote } = read('secretRef: {name: s}, namespaces: [shop], overlayRoutingMode: Disabled');

  test('is the last one that could be read, with what was told of it since', () => {
    expect(stand('secretRef: {name: s}, encryption: Quantum', remote)).toEqual({
      ...remote,
      generation: 4,
      status: { clusterId: 'w', conditions: [] },
    });
  });

  test.each([
    [
      'a value of a newer release',
      'encryption: Quantum, namespaces: [shop], weight: 7',
      { namespaces: ['shop'], weight: 7 },
    ],
    [
      'an entry of a list',
      'namespaces: [UPPER], overlayRoutingMode: Disabled',
      { overlayRoutingMode: 'Disabled' },
    ],
    ['a field of another shape', 'weight: {by: zone}', {}],
  ])('is what is well in it, where nobody has ever read it: %s', (_, spec, rest) => {
    const { unreadable, ...found } = stand(`secretRef: {name: s}, ${spec}`) ?? {};
    const status = { clusterId: 'w', conditions: [] };
    expect(found).toEqual({ ...plain, generation: 4, status, ...rest });
    expect(unreadable).toMatch(/^spec\.(encryption|namespaces\[0\]|weight): /);
  });

  test.each(['', 'secretRef: 7'])('needs no more than a name: {%s}', spec => {
    expect(stand(spec)).toMatchObject({ name: 'west', overlayRoutingMode: 'Enabled' });
  });

  test('is not the last one where that could not be read either', () => {
    const last = stand('secretRef: {name: s}, weight: {}');
    expect(stand('secretRef: {name: s}, encryption: Quantum, weight: 7', last)).toMatchObject({ weight: 7 });
  });

  test('is not the last one of another object of that name', () => {
    expect(
      stand('secretRef: {name: s}, weight: {}', remote && { ...remote, uid: '0-0' })?.unreadable,
    ).toMatch(/weight/);
  });
});
