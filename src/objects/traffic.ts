import { type Problems, show } from './problem.ts';
import type { Affinity, Backends, TrafficSettings } from './shapes.ts';

/** How one traffic annotation is read: its names, the wanted one first, and the check of its text. */
interface Annotation<T> {
  readonly names: readonly [string, ...string[]];
  readonly must: string;
  /** What holds where the text is nonsense. */
  readonly otherwise: string;
  parse(text: string): T | undefined;
}

const AFFINITIES = ['local', 'remote', 'none'] as const satisfies readonly Affinity[];
const BACKENDS = ['service', 'loadbalancer', 'endpoints'] as const satisfies readonly Backends[];

const WEIGHT = wholeNumber(
  ['causeway.dev/weight', 'networking.fleet.azure.com/weight'],
  1000,
  'the cluster counts as 1 beside others with a weight',
);
const TTL = wholeNumber(['causeway.dev/ttl'], 3600, 'the default holds');
const BACKEND = oneOf(['causeway.dev/backends'], BACKENDS);
const AFFINITY = oneOf(
  ['causeway.dev/affinity', 'service.cilium.io/affinity', 'io.cilium/service-affinity'],
  AFFINITIES,
);

const PREFIX = 'causeway.dev/';
const OURS = [WEIGHT, AFFINITY, BACKEND, TTL].map(({ names }) => names[0]);

/** Reads the traffic annotations of a ServiceExport; nonsense is a warning and leaves the field unset. */
export function readTraffic(
  annotations: Readonly<Record<string, unknown>>,
  problems: Problems,
): TrafficSettings {
  for (const name of Object.keys(annotations)) {
    if (!name.startsWith(PREFIX) || OURS.includes(name)) continue;
    problems.warn(`metadata.annotations["${name}"]`, `is not known: must be one of ${OURS.join(', ')}`);
  }
  const weight = read(WEIGHT, annotations, problems);
  const affinity = read(AFFINITY, annotations, problems);
  const backends = read(BACKEND, annotations, problems);
  const ttl = read(TTL, annotations, problems);
  return {
    ...(weight === undefined ? {} : { weight }),
    ...(affinity === undefined ? {} : { affinity }),
    ...(backends === undefined ? {} : { backends }),
    ...(ttl === undefined ? {} : { ttl }),
  };
}

/** The first name that is present decides, even if its value is nonsense: a fallback would hide the mistake. */
function read<T>(
  annotation: Annotation<T>,
  annotations: Readonly<Record<string, unknown>>,
  problems: Problems,
): T | undefined {
  const name = annotation.names.find(candidate => Object.hasOwn(annotations, candidate));
  if (name === undefined) return undefined;
  const found = annotations[name];
  const value = typeof found === 'string' ? annotation.parse(found) : undefined;
  if (value !== undefined) return value;
  const message = `found ${show(found)}: must be ${annotation.must}; it is ignored, and ${annotation.otherwise}`;
  return problems.warn(`metadata.annotations["${name}"]`, message);
}

function wholeNumber(
  names: Annotation<number>['names'],
  most: number,
  otherwise: string,
): Annotation<number> {
  return {
    names,
    otherwise,
    must: `a quoted whole number "0"–"${most}"`,
    parse: text => (/^(0|[1-9]\d{0,3})$/.test(text) && Number(text) <= most ? Number(text) : undefined),
  };
}

function oneOf<T extends string>(names: Annotation<T>['names'], values: readonly T[]): Annotation<T> {
  return {
    names,
    must: `one of ${values.map(value => `"${value}"`).join(', ')}`,
    otherwise: 'the default holds',
    parse: text => values.find(value => value === text.toLowerCase()),
  };
}
