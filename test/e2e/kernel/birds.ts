import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Running, start } from '../kit/process.ts';
import type { Namespace } from './namespace.ts';

/** The process id of the BIRD whose files lie in the folder; undefined where it is gone. */
export function pidOfBird(folder: string): number | undefined {
  try {
    const pid = Number(readFileSync(join(folder, 'bird.pid'), 'utf8'));
    // Numbers are given to others in the course of time.
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/** Ends it as a crash would. */
export function killBird(folder: string): void {
  const pid = pidOfBird(folder);
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

/** A BIRD that is none of ours: a router in front of the nodes, or one who lies. */
export async function foreignBird(
  { inside: [command = '', ...before] }: Namespace,
  folder: string,
  config: string,
): Promise<Running> {
  await mkdir(folder, { recursive: true });
  const file = (kind: string): string => join(folder, `bird.${kind}`);
  await writeFile(file('conf'), config);
  const bird = ['bird', '-f', '-c', file('conf'), '-s', file('ctl'), '-P', file('pid')];
  const running = start(command, [...before, ...bird]);
  await running.until('up', () => pidOfBird(folder) !== undefined);
  return running;
}

/** A router of the autonomous system 64500 that speaks to every node, tells each what the others told, and forwards. */
export function routerConfig(): string {
  const family = (version: '4' | '6', range: string): string => `
    protocol kernel { ipv${version} { import none; export where source = RTS_BGP; }; }
    protocol bgp nodes${version} {
      local as 64500;
      neighbor range ${range} external;
      dynamic name "node${version}_";
      ipv${version} { import all; export all; next hop self; };
    }`;
  return `
    router id 172.31.1.254;
    protocol device {}
    ${family('4', '172.31.0.0/16')}
    ${family('6', 'fd00:31::/32')}`;
}

/**
 * One that tells blocks which are not its own.
 * @param id its router id
 * @param session what stands in the block of its session of each family, before the channel
 * @param blocks what it tells
 */
export function liarConfig(
  id: string,
  session: { readonly IPv4: string; readonly IPv6: string },
  blocks: { readonly IPv4: readonly string[]; readonly IPv6: readonly string[] },
): string {
  const family = (version: '4' | '6', words: string, routes: readonly string[]): string => `
    protocol static { ipv${version}; ${routes.map(route => `route ${route} blackhole;`).join(' ')} }
    protocol bgp { ${words} direct; ipv${version} { import none; export all; next hop self; }; }`;
  return `
    router id ${id};
    protocol device {}
    ${family('4', session.IPv4, blocks.IPv4)}
    ${family('6', session.IPv6, blocks.IPv6)}`;
}
