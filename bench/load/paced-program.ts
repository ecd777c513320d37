import { readFileSync } from 'node:fs';
import { encode, type RecordType } from 'dns-packet';
import { loadSystemCalls } from '../../src/serve/batched/system-calls.ts';
import { PacedClient, type PacedLoad } from './paced-client.ts';

/** The load as JSON and a file of questions as dnsperf reads them: `name type` by line. Prints the result as JSON. */
async function run(load: PacedLoad, questions: string): Promise<void> {
  const queries = readFileSync(questions, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => {
      const [name = '', type = 'A'] = line.split(' ');
      return encode({ type: 'query', id: 0, questions: [{ name, type: type as RecordType }] });
    });
  const client = new PacedClient(await loadSystemCalls(), load, queries, () => performance.now());
  console.log(JSON.stringify(client.run()));
}

const [load = '{}', questions = ''] = process.argv.slice(2);
await run(JSON.parse(load), questions);
