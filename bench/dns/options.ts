import { parseArgs } from 'node:util';
import { positive } from '../command.ts';
import { SERVERS } from './servers/index.ts';
import type { DnsServer } from './servers/server.ts';

export interface BenchOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly servers: readonly DnsServer[];
  readonly write: boolean;
}

const names = SERVERS.map(server => server.name);

export const USAGE = `Usage: npm run bench:dns -- [options]
  --rounds N       turns each server has (default: 3)
  --seconds N      length of each measurement (default: 3)
  --server NAME    only this server; repeatable: ${names.map(name => `'${name}'`).join(', ')}
  --write          put the table into docs/benchmarks.md`;

/** Throws with one line on what does not fit. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      server: { type: 'string', multiple: true, default: names },
      write: { type: 'boolean', default: false },
    },
  });
  const unknown = values.server.find(name => !names.includes(name));
  if (unknown !== undefined) throw new Error(`--server ${unknown}: there is ${names.join(', ')}`);
  const servers = SERVERS.filter(server => values.server.includes(server.name));
  if (values.write && servers.length < SERVERS.length) {
    throw new Error('--write: the table in docs/benchmarks.md holds all servers, leave --server out');
  }
  return {
    rounds: positive('--rounds', values.rounds),
    seconds: positive('--seconds', values.seconds),
    servers,
    write: values.write,
  };
}
