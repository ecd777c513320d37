import { expect, test } from 'vitest';
import { dnsSettings } from '../../src/apps/settings.ts';
import { POD_FAMILIES, type PodFamilies } from '../../src/manifests/choices.ts';
import { baseManifests } from '../../src/manifests/deploy.ts';
import { deployFiles } from '../../src/operate/deploy-files.ts';
import { heapFor } from '../../src/serve/batched/serving-thread.ts';
import { type Container, defined, understood } from './manifests.ts';

const files = await deployFiles();

/** KiB that a compiled answer has on the average, outside of all heaps: what `AnswerCache` holds a table to. */
const ANSWER_BUFFERS = 0.5;

test.each(POD_FAMILIES)('what the DNS daemon may take is less than its limit, with pods of %s', families => {
  const container = dnsContainer(families);
  const { listen, udpThreads, compiledAnswers } = understood(dnsSettings, container.args.slice(1));
  const { limit, share } = memoryOf(container);
  const threads = listen.length * udpThreads;
  const heaps = limit * share + threads * heapFor(compiledAnswers);
  const buffers = ((threads + 1) * compiledAnswers * ANSWER_BUFFERS) / 1024;
  expect(heaps + buffers).toBeLessThan(limit);
});

/** As `causeway enable` makes it, and kustomize with the component of these families. */
function dnsContainer(podFamilies: PodFamilies): Container {
  const options = { namespace: 'causeway-system', image: undefined, answer: undefined };
  const manifests = baseManifests(files, { ...options, components: ['dns'], podFamilies });
  const deployment = defined(manifests.find(({ kind }) => kind === 'Deployment'));
  return Object(deployment['spec']).template.spec.containers[0];
}

/** MiB that the container may have, and which share of them V8 may give the main thread's heap. */
function memoryOf({ resources, env }: Container): { readonly limit: number; readonly share: number } {
  const [, count, unit] = /^(\d+)([GM])i$/.exec(Object(resources).limits.memory) ?? [];
  const [{ name, value }] = Object(env);
  expect(name).toBe('NODE_OPTIONS');
  const [, percent] = /--max-old-space-size-percentage=(\d+)/.exec(value) ?? [];
  return { limit: Number(count) * (unit === 'G' ? 1024 : 1), share: Number(percent) / 100 };
}
