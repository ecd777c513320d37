import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const DEPLOY = join(import.meta.dirname, '../deploy');
const MEBIBYTES: Readonly<Record<string, number>> = { M: 1, G: 1_024 };

/**
 * The variables that a manifest of `deploy/` gives its container. The heap's share of the limit on memory, which nobody
 * sets here, is a number in them.
 *
 * @param path below `deploy/`
 */
export function podEnvironment(path: string): Record<string, string> {
  const manifest = readFileSync(join(DEPLOY, path), 'utf8');
  const variables = [...manifest.matchAll(/- name: ([A-Z_]+)\n +value: "?([^"\n]+)"?\n/g)];
  const environment = Object.fromEntries(variables.map(([, name = '', value = '']) => [name, value]));
  const [, count, unit = ''] = /limits:\n +memory: (\d+)([MG])i/.exec(manifest) ?? [];
  const limit = Number(count) * (MEBIBYTES[unit] ?? 0);
  const { NODE_OPTIONS: options } = environment;
  if (options === undefined || !(limit > 0))
    throw new Error(`deploy/${path}: has no NODE_OPTIONS, or no limit on memory`);
  const heap = options.replace(/(--max-old-space-size)-percentage=(\d+)/, (_, option, share) => {
    return `${option}=${Math.floor((limit * Number(share)) / 100)}`;
  });
  return { ...environment, NODE_OPTIONS: heap };
}
