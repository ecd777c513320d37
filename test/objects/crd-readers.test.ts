import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clusterPropertyReader } from '../../src/objects/cluster-property.ts';
import { exportedServiceReader, exportedServiceSpec } from '../../src/objects/exported-service.ts';
import type { KindReader } from '../../src/objects/kind.ts';
import { remoteNodeReader } from '../../src/objects/node.ts';
import { remoteClusterReader } from '../../src/objects/remote-cluster.ts';
import { serviceExportReader } from '../../src/objects/service-export.ts';
import { serviceImportReader } from '../../src/objects/service-import.ts';
import type { Exported } from '../../src/objects/shapes.ts';
import { crdOf, faultsOf, type Instead, schemasIn, storedSchemaOf, valuesOf } from '../kit/crd-schema.ts';
import { exportedServices } from '../kit/exported-values.ts';
import { readRaw } from '../kit/reading.ts';
import { lookingAt } from '../kit/watched.ts';

/**
 * The schemas in deploy/crds and the readers in src/objects say the same twice. Here each is held against the other:
 * what the schema takes is read, what is read is in the schema.
 */
interface Pair {
  readonly plural: string;
  readonly reader: KindReader<unknown>;
  /** What is wider in the schema, which is not ours, than in what can be: Services have these values only. */
  readonly narrower: Instead;
  /** What the schema lets out, but no object is without. */
  readonly always: readonly string[];
  /** Fields that the reader has no use for, and all within them. */
  readonly unread: readonly string[];
}

const label = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/);
const address = fc.oneof(fc.ipV4(), fc.ipV6());
const key = fc.oneof(
  fc.string(),
  fc.stringMatching(/^([a-z]{1,9}\.example\/)?[A-Za-z][A-Za-z0-9._]{0,20}[a-z]$/),
);
const texts = fc.dictionary(key, fc.stringMatching(/^[A-Za-z0-9]{0,20}$/), {
  maxKeys: 5,
  noNullPrototype: true,
});
const metadata = fc.record({ name: label, namespace: label }, { noNullPrototype: true });

const PAIRS: readonly Pair[] = [
  {
    plural: 'serviceexports',
    reader: serviceExportReader,
    narrower: { metadata, 'spec.exportedLabels': texts, 'spec.exportedAnnotations': texts },
    always: ['metadata'],
    // `conditionsOf` reads them, for those who write them.
    unread: ['status'],
  },
  {
    plural: 'serviceimports',
    reader: serviceImportReader,
    narrower: {
      metadata,
      'spec.ips[]': address,
      'spec.ipFamilies[]': fc.constantFrom('IPv4', 'IPv6'),
      'spec.ports[].name': fc.oneof(label, fc.constant('')),
      'spec.ports[].protocol': fc.constantFrom('TCP', 'UDP', 'SCTP'),
      'spec.ports[].port': fc.integer({ min: 1, max: 65_535 }),
      'spec.sessionAffinity': fc.constantFrom('None', 'ClientIP'),
      'spec.sessionAffinityConfig.clientIP.timeoutSeconds': fc.integer({ min: 1, max: 86_400 }),
      'spec.internalTrafficPolicy': fc.constantFrom('Cluster', 'Local'),
    },
    // Without a type, which is there whenever the spec is, it is no import.
    always: ['metadata', 'spec'],
    unread: ['status.conditions', 'status.endpointSliceObjects'],
  },
  {
    plural: 'clusterproperties',
    reader: clusterPropertyReader,
    narrower: { metadata },
    always: ['metadata'],
    unread: [],
  },
  {
    plural: 'exportedservices',
    reader: exportedServiceReader,
    narrower: {
      metadata,
      'spec.labels': texts,
      'spec.annotations': texts,
      'spec.serviceLabels': texts,
      'spec.clusterIPs[]': address,
      'spec.loadBalancerIPs[]': address,
    },
    always: ['metadata'],
    unread: ['status'],
  },
  {
    plural: 'remoteclusters',
    reader: remoteClusterReader,
    narrower: { metadata },
    always: ['metadata'],
    // Of every standard condition; we write none.
    unread: ['status.conditions[].observedGeneration'],
  },
  {
    plural: 'remotenodes',
    reader: remoteNodeReader,
    narrower: {},
    always: [],
    unread: ['status'],
  },
];

describe.each(PAIRS)('$plural', ({ plural, reader, narrower, always, unread }) => {
  const crd = crdOf(plural);
  const stored = storedSchemaOf(crd);
  const schema = { ...stored, required: [...(stored.required ?? []), ...always] };

  test('the reader is for the kind and the versions that are served', () => {
    expect(reader.kind).toBe(crd.spec.names.kind);
    const served = crd.spec.versions.filter(version => version.served).map(({ name }) => name);
    expect([...reader.apiVersions].sort()).toEqual(served.map(name => `${crd.spec.group}/${name}`).sort());
  });

  test('what the schema takes is read', () => {
    fc.assert(
      fc.property(valuesOf(schema, narrower), raw => {
        const { object, problems } = readRaw(reader, raw);
        expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(object).toBeDefined();
      }),
      { numRuns: 200 },
    );
  });

  test('the reader looks at every field of the schema, and at none that an API server would prune', () => {
    const known = schemasIn(schema).map(({ path }) => path);
    const spec = known.filter(
      path => /^(spec|status)\b/.test(path) && !path.endsWith('.*') && !path.endsWith('[]'),
    );
    const seen = new Set<string>();
    for (const raw of fc.sample(valuesOf(schema, narrower, true), { numRuns: 50, seed: 1 })) {
      readRaw(
        reader,
        lookingAt(raw, path => seen.add(path)),
      );
    }
    const unseen = spec.filter(path => !seen.has(path));
    const uppermost = unseen.filter(
      path => !unseen.some(other => path.startsWith(`${other}.`) || path.startsWith(`${other}[`)),
    );
    expect(uppermost.sort()).toEqual([...unread].sort());
    const maps = known.filter(path => path.endsWith('.*')).map(path => path.slice(0, -1));
    const beyond = [...seen].filter(path => !/^metadata\b/.test(path) && !known.includes(path));
    expect(beyond.filter(path => !maps.some(map => path.startsWith(map)))).toEqual([]);
  });
});

describe('an ExportedService is written as it is read', () => {
  const pair = PAIRS.find(({ plural }) => plural === 'exportedservices');
  const schema = storedSchemaOf(crdOf('exportedservices'));

  function expectTheSame(exported: Exported & { readonly cluster: string }): void {
    const spec = exportedServiceSpec(exported);
    expect(faultsOf(schema, { spec })).toEqual([]);
    const { object, problems } = readRaw(exportedServiceReader, {
      metadata: { name: 'a', namespace: 'b' },
      spec,
    });
    expect(object).toEqual({ ...exported, kind: 'ExportedService', publishedAs: 'b/a' });
    expect(problems).toEqual([]);
  }

  test('whatever a cluster may have to tell', () => {
    fc.assert(fc.property(exportedServices, expectTheSame), { numRuns: 300 });
  });

  test('whatever the schema lets another one tell', () => {
    const raws = valuesOf({ ...schema, required: ['metadata', 'spec'] }, pair?.narrower);
    fc.assert(
      fc.property(raws, raw => {
        const { object } = readRaw(exportedServiceReader, raw);
        if (object === undefined) throw new Error('the schema took it, so it has to be read');
        expectTheSame(object);
      }),
      { numRuns: 300 },
    );
  });
});
