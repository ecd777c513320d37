import { runCommand } from '../command.ts';
import { describeMachine, writeReport } from '../report.ts';
import { checkAnswers } from './agreement.ts';
import { type Bench, measureRound, PACED_RATE, type Sample, warmUp } from './measure.ts';
import { type BenchOptions, readOptions, USAGE } from './options.ts';
import { versionOf } from './programs.ts';
import { startServer } from './running.ts';
import { onStage, type Programs, type Stage } from './stage.ts';
import { printTable, printWarnings } from './table.ts';

const progress = (line: string) => console.error(line);

async function measure(options: BenchOptions, stage: Stage): Promise<Sample[]> {
  const servers = [];
  for (const [server, program] of stage.programs.servers) {
    const running = await startServer(stage, server, program);
    await checkAnswers(server, running.port, stage.zone);
    servers.push(running);
  }
  progress('all servers give the same answers');
  const bench: Bench = { ...stage, servers, seconds: options.seconds, progress };
  await warmUp(bench);
  const samples: Sample[] = [];
  for (let round = 1; round <= options.rounds; round++) samples.push(...(await measureRound(bench, round)));
  return samples;
}

function report(options: BenchOptions, programs: Programs, samples: readonly Sample[]): string {
  const versions = Array.from(programs.servers)
    .filter(([server]) => server.role !== 'variant' && server.role !== 'limit')
    .map(([server, program]) => `${server.name} ${versionOf(program, server.versionArguments)}`);
  const dnsperf = `dnsperf ${versionOf(programs.dnsperf, ['-h'])}`;
  const extent = `medians of ${options.rounds}, ${options.seconds} s a measurement`;
  const warnings = printWarnings(samples, PACED_RATE).map(line => `- ${line}`);
  return [
    `${describeMachine(new Date())}; ${[...versions, dnsperf].join(', ')}; ${extent}.`,
    printTable(samples, options.servers),
    ...(warnings.length > 0 ? [warnings.join('\n')] : []),
  ].join('\n\n');
}

async function runBench(options: BenchOptions): Promise<number> {
  const text = await onStage('bench:dns', options.servers, async stage =>
    report(options, stage.programs, await measure(options, stage)),
  );
  console.log(text);
  if (options.write) writeReport('bench:dns', text);
  return 0;
}

await runCommand({ name: 'bench:dns', usage: USAGE, readOptions, run: runBench });
