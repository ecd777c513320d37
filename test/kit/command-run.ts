import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { COMMANDS } from '../../src/cli/index.ts';
import { runProgram } from '../../src/cli/program.ts';
import { ApiServer } from './api-server.ts';
import { Authority } from './certificate.ts';
import { base64, kubeconfig } from './kubeconfig.ts';

const authority = new Authority();

export interface Ran {
  readonly code: number;
  /** Standard output. */
  readonly output: string;
  /** What standard error says of faults. */
  readonly complaints: readonly string[];
  readonly progress: string;
}

/** A cluster that an operator reaches by the context `east` of a kubeconfig, and works on with Causeway's commands. */
export class OperatorsCluster {
  readonly api: ApiServer;
  readonly kubeconfig: string;

  private constructor(api: ApiServer, path: string) {
    this.api = api;
    this.kubeconfig = path;
  }

  /** Ends with the test. */
  static async start(): Promise<OperatorsCluster> {
    const api = await new ApiServer({ tls: authority.issue() }).start();
    const folder = await mkdtemp(join(tmpdir(), 'causeway-command-'));
    onTestFinished(async () => {
      await api.end();
      await rm(folder, { recursive: true });
    });
    const cluster = { server: api.url, 'certificate-authority-data': base64(authority.cert) };
    const path = join(folder, 'config');
    await writeFile(path, kubeconfig({ cluster }));
    return new OperatorsCluster(api, path);
  }

  /** Runs `causeway LINE`, split at spaces, as on no terminal. */
  run(line: string, signal?: AbortSignal): Promise<Ran> {
    return this.runWords(line.split(' '), signal);
  }

  async runWords(words: readonly string[], signal = new AbortController().signal): Promise<Ran> {
    const written = { output: '', progress: '' };
    const complaints: string[] = [];
    const code = await runProgram(COMMANDS, [...words, '--kubeconfig', this.kubeconfig], {
      program: 'causeway',
      environment: {},
      print: text => {
        written.output += text;
      },
      complain: said => complaints.push(said),
      progress: text => {
        written.progress += text;
      },
      isTerminal: { output: false, progress: false },
      columns: Number.POSITIVE_INFINITY,
      interrupted: () => signal,
    });
    return { code, complaints, ...written };
  }
}
