import { fileURLToPath } from 'node:url';
import type { DnsServer } from './server.ts';

const PROGRAM = fileURLToPath(new URL('../echo-program.ts', import.meta.url));

/** The bare system calls: what is left of a server that knows every answer beforehand. */
export const echo: DnsServer = {
  name: 'bare echo',
  role: 'limit',
  answers: 'all',
  transports: ['udp'],
  locate: () => process.execPath,
  versionArguments: ['--version'],
  prepare: (_, { port }) => ({ files: {}, arguments: [PROGRAM, String(port)] }),
};
