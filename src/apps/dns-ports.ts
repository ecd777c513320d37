import type { TakenPort } from './ports.ts';
import type { DnsConfig } from './settings.ts';

/** What the DNS daemon listens on. */
export function dnsPorts({ listen, httpListen }: Pick<DnsConfig, 'listen' | 'httpListen'>): TakenPort[] {
  return [
    ...listen.map((where): TakenPort => ({ setting: 'listen', protocols: ['UDP', 'TCP'], ...where })),
    { setting: 'httpListen', protocols: ['TCP'], ...httpListen },
  ];
}
