import { ensureTools, toolPath } from './go-tools.ts';

/** Where the pinned CoreDNS lies once it is built. */
export function coreDnsPath(): string {
  return toolPath('coredns');
}

/** Builds the pinned CoreDNS unless it is there. */
export function ensureCoreDns(): Promise<void> {
  return ensureTools(['coredns']);
}
