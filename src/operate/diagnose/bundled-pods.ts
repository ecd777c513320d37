import { scrubbedText } from '../../diagnose/scrub.ts';
import type { ApiClient } from '../../kube/client.ts';
import { COMPONENTS } from '../../manifests/choices.ts';
import type { PodObject } from '../../objects/pod.ts';
import {
  AGENT_PAGES_PORT,
  listPods,
  PAGES_PORT,
  type PageAddress,
  pageOfPod,
  podsOfComponent,
} from '../pods.ts';
import { known } from './attempt.ts';
import type { BundledFile } from './bundled-file.ts';

const LINES = 1_000;
/** Octets of one log. */
const MOST = 1024 * 1024;
const PAGES = ['/metrics', '/readyz', '/debug/conflicts', '/debug/remotes', '/debug/mesh'];

/** Logs and pages of the pods of Causeway. */
export async function bundledPods(
  client: ApiClient,
  namespace: string,
  secrets: readonly string[],
  signal: AbortSignal,
): Promise<BundledFile[]> {
  const found = await Promise.all(
    COMPONENTS.map(async component => ({
      port: component === 'agent' ? AGENT_PAGES_PORT : PAGES_PORT,
      list: await known(listPods(client, podsOfComponent(component, namespace), signal)),
    })),
  );
  const pods = found.flatMap(({ list, port }) =>
    'unknown' in list ? [] : list.value.map(pod => ({ pod, port })),
  );
  const files = await Promise.all(
    pods.flatMap(({ pod, port }) => [
      ...PAGES.map(path => pageFile(client, pod, { port, path }, signal)),
      logFile(client, pod, false, signal),
      logFile(client, pod, true, signal),
    ]),
  );
  return files.map(file => ({ ...file, text: scrubbedText(file.text, secrets) }));
}

async function pageFile(
  client: ApiClient,
  pod: PodObject,
  page: PageAddress,
  signal: AbortSignal,
): Promise<BundledFile> {
  const found = await known(pageOfPod(client, pod, page, signal));
  const path = `pods/${folderOf(pod)}/${page.path.slice(1).replaceAll('/', '-')}.txt`;
  if ('unknown' in found) return { path, text: `unknown: ${found.unknown}\n` };
  const { value } = found;
  return { path, text: value.answered ? value.text : `no answer: ${value.reason}\n` };
}

/** @param previous of the container before the last restart */
async function logFile(
  client: ApiClient,
  pod: PodObject,
  previous: boolean,
  signal: AbortSignal,
): Promise<BundledFile> {
  const place = [pod.namespace, 'pods', pod.name, 'log'].map(encodeURIComponent).join('/');
  const query = new URLSearchParams({
    tailLines: `${LINES}`,
    limitBytes: `${MOST}`,
    previous: `${previous}`,
  });
  const log = await known(client.page(`/api/v1/namespaces/${place}?${query}`, signal));
  const path = `pods/${folderOf(pod)}/${previous ? 'log-before.txt' : 'log.txt'}`;
  if ('unknown' in log) return { path, text: `unknown: ${log.unknown}\n` };
  const whole = log.value.split('\n').length <= LINES && Buffer.byteLength(log.value) < MOST;
  return { path, text: log.value, ...(whole ? {} : { cut: `only the last ${LINES} lines are in it` }) };
}

/** Short enough for an archive: what tells pods of a Deployment apart stands at the end. */
function folderOf({ name }: PodObject): string {
  return name.slice(-40);
}
