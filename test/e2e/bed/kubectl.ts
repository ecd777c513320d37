import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { toolPath } from '../kit/go-tools.ts';
import type { Cluster } from './cluster.ts';
import type { KubeconfigOptions } from './kubeconfig.ts';

export interface KubectlOptions extends KubeconfigOptions {
  /** What `-f -` reads. */
  readonly input?: string;
}

/**
 * Runs the real kubectl, as administrator unless told otherwise, and returns what it prints; throws with its errors
 * when it fails.
 */
export async function kubectl(
  cluster: Cluster,
  args: readonly string[],
  { input = '', ...access }: KubectlOptions = {},
): Promise<string> {
  const path = await cluster.kubeconfig(access);
  const child = spawn(toolPath('kubectl'), ['--kubeconfig', path, ...args]);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  // It may end without having read everything; its exit code says why.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}:\n${output}${errors}`);
  return output;
}
