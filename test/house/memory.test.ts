import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type DnsConfig, dnsSettings } from '../../src/apps/settings.ts';
import { type Component, POD_FAMILIES, type PodFamilies } from '../../src/manifests/choices.ts';
import { baseManifests } from '../../src/manifests/deploy.ts';
import { deployFiles } from '../../src/operate/deploy-files.ts';
import { METRICS } from '../../src/ops/metric-table.ts';
import { heapFor, YOUNG } from '../../src/serve/batched/serving-thread.ts';
import { PART_LEFT } from '../../src/serve/joint-bound.ts';
import { MOST_HELD } from '../../src/serve/tcp.ts';
import { MOST_HELD_BY_ONE } from '../../src/serve/tcp-connection.ts';
import { MOST_UNTAKEN } from '../../src/serve/untaken-pages.ts';
import { type Container, defined, understood } from './manifests.ts';

const files = await deployFiles();

/** On one line. */
const performancePage = readFileSync(
  join(import.meta.dirname, '../../docs/performance.md'),
  'utf8',
).replaceAll(/\s+/g, ' ');

const MEBIBYTE = 1024 ** 2;

/** MiB of pages that HTTP clients have not taken, as they lie ready to be sent; their texts are in the heap. */
const PAGES = MOST_UNTAKEN / MEBIBYTE;

/** KiB that a compiled answer has on the average, outside of all heaps: what `AnswerCache` holds a table to. */
const ANSWER_BUFFERS = 0.5;

/** MiB of the program with `--source kubernetes`, outside of all heaps, at most: its code, Node and the libraries. */
const PROGRAM = 100;

/** MiB that a serving thread takes beside its heap: what is compiled, its stack, and its part of the allocator. */
const THREAD = 16;

/** V8 keeps what has just been made in two semi-spaces and holds as much again of large objects. */
const SEMI_SPACES = 3;

/** MiB that each of them may have where nothing says so. */
const SEMI_SPACE = 64;

/** MiB, besides what connections hold, of what they have held and what has been read for them (`npm run bench:tcp`). */
const FREED = 322;

/** The same of the kernel's buffers of connections whose clients do not read; they count for the container as well. */
const SYSTEM_BUFFERS = 376;

/** KiB of a connection that holds nothing. */
const IDLE_CONNECTION = 2;

/** The cluster set that requests are made for, in thousands. */
const USUAL = { services: 1, endpoints: 10 };

/** MiB at rest, at most: with nothing, for each thousand endpoints, for each thousand services that are asked for. */
const AT_REST = { daemon: 140, endpoint: 0.8, askedFor: 10, controller: 224, imported: 3.2 };

test.each(POD_FAMILIES)('what the DNS daemon may take is less than its limit, with pods of %s', families => {
  const container = containerOf('dns', families);
  const config = understood(dnsSettings, container.args.slice(1));
  const idle = (config.tcpMaxConnections * IDLE_CONNECTION) / 1024;
  const tcp = MOST_HELD / MEBIBYTE + FREED + SYSTEM_BUFFERS + idle;
  expect(tcp).toBeLessThan(leftForTcp(container, config));
});

test('docs/performance.md says what is left for TCP connections, with pods of the families that leave least', () => {
  const left = POD_FAMILIES.map(families => {
    const container = containerOf('dns', families);
    return leftForTcp(container, understood(dnsSettings, container.args.slice(1)));
  });
  expect(saidIn(performancePage, /What is left, (\d+) MiB at least, is for TCP connections/)).toBe(
    Math.floor(Math.min(...left)),
  );
});

test('docs/performance.md and the metric say what TCP connections may hold', () => {
  const most = MOST_HELD / MEBIBYTE;
  expect(saidIn(performancePage, /makes its connection hold (\d+) KiB/)).toBe(MOST_HELD_BY_ONE / 1024);
  expect(saidIn(performancePage, /All connections together hold (\d+) MiB at most/)).toBe(most);
  expect(saidIn(performancePage, /and so on until it is (\d+) MiB/)).toBe(most * PART_LEFT);
  expect(saidIn(METRICS.tcpHeld.help, /at most (\d+) MiB/)).toBe(most);
});

test('docs/performance.md says what pages may hold', () => {
  expect(saidIn(performancePage, /count for (\d+) MiB at most together/)).toBe(PAGES);
});

test.each(POD_FAMILIES)('what the DNS daemon asks for is what it takes, with pods of %s', families => {
  const container = containerOf('dns', families);
  const { listen, udpThreads } = understood(dnsSettings, container.args.slice(1));
  const { daemon, endpoint, askedFor } = AT_REST;
  const usual = daemon + USUAL.endpoints * endpoint + USUAL.services * askedFor;
  const { request } = memoryOf(container);
  const taken = usual + (listen.length * udpThreads - 1) * THREAD;
  expect(request).toBeGreaterThanOrEqual(taken);
  expect(request).toBeLessThan(taken + 16);
});

test('the controller asks for what it takes, and may take less than its limit', () => {
  const { request, limit, share, semiSpace } = memoryOf(containerOf('controller', 'ipv4'));
  expect(request).toBe(AT_REST.controller + USUAL.endpoints * AT_REST.imported);
  expect(PROGRAM + PAGES + limit * share + SEMI_SPACES * semiSpace).toBeLessThan(limit);
});

/** The number at the place; NaN: there is no such place. */
function saidIn(text: string, place: RegExp): number {
  return Number(place.exec(text)?.[1]);
}

/** MiB of the limit that nothing but TCP connections may take. */
function leftForTcp(container: Container, { listen, udpThreads, compiledAnswers }: DnsConfig): number {
  const { limit, share, semiSpace } = memoryOf(container);
  const threads = listen.length * udpThreads;
  const main = PROGRAM + PAGES + limit * share + SEMI_SPACES * semiSpace;
  const serving = threads * (THREAD + heapFor(compiledAnswers) + SEMI_SPACES * YOUNG);
  const buffers = ((threads + 1) * compiledAnswers * ANSWER_BUFFERS) / 1024;
  return limit - main - serving - buffers;
}

/** As `causeway enable` makes it, and kustomize with the component of these families. */
function containerOf(component: Component, podFamilies: PodFamilies): Container {
  const options = { namespace: 'causeway-system', image: undefined, answer: undefined };
  const manifests = baseManifests(files, { ...options, components: [component], podFamilies });
  const deployment = defined(manifests.find(({ kind }) => kind === 'Deployment'));
  return Object(deployment['spec']).template.spec.containers[0];
}

interface ContainerMemory {
  /** MiB that are kept for the container. */
  readonly request: number;
  /** MiB that the container may have. */
  readonly limit: number;
  /** Of them, what V8 may give to what lives long in the main thread's heap. */
  readonly share: number;
  /** MiB. */
  readonly semiSpace: number;
}

function memoryOf({ resources, env }: Container): ContainerMemory {
  const { requests, limits } = Object(resources);
  const [{ name, value }] = Object(env);
  expect(name).toBe('NODE_OPTIONS');
  const [, percent] = /--max-old-space-size-percentage=(\d+)/.exec(value) ?? [];
  const [, semiSpace = SEMI_SPACE] = /--max-semi-space-size=(\d+)/.exec(value) ?? [];
  return {
    request: mebibytesOf(requests.memory),
    limit: mebibytesOf(limits.memory),
    share: Number(percent) / 100,
    semiSpace: Number(semiSpace),
  };
}

function mebibytesOf(quantity: string): number {
  const [, count, unit] = /^(\d+)([GM])i$/.exec(quantity) ?? [];
  return Number(count) * (unit === 'G' ? 1024 : 1);
}
