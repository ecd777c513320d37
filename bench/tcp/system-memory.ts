import { execFileSync } from 'node:child_process';

/**
 * MiB of the kernel's that the sockets of a server at this port take, as `ss` tells: what was received, what is to be
 * sent, and what each has set aside. All of it counts for the container of the server.
 */
export function systemMemory(port: number): number {
  const words = ['--tcp', '--memory', '--numeric', '--no-header', 'state', 'all', `sport = :${port}`];
  return systemMemoryIn(execFileSync('ss', words, { encoding: 'utf8', maxBuffer: 2 ** 26 }));
}

/** The same of what `ss --memory` printed. */
export function systemMemoryIn(text: string): number {
  let octets = 0;
  for (const [, received = '', set = '', toSend = ''] of text.matchAll(
    /skmem:\(r(\d+),rb\d+,t\d+,tb\d+,f(\d+),w(\d+),/g,
  ))
    octets += Number(received) + Number(set) + Number(toSend);
  return octets / 1024 ** 2;
}
