import { addressBytes, familyOf, parseCidr } from '../base/ip.ts';

/** What one key of a server block makes CoreDNS listen for. */
export interface ServedZone {
  /** `dns`, `tls`, `https`, … */
  readonly transport: string;
  /** Lower case, without the dot at the end; `.` is the root. Undefined: an environment variable says it. */
  readonly zone: string | undefined;
  /** Undefined: an environment variable says it. */
  readonly port: string | undefined;
}

const PORTS = { dns: '53', tls: '853', quic: '853', grpc: '443', https: '443', https3: '443' } as const;

/** The names of `Kubernetes.Example.` and `kubernetes.example` are one zone. */
export function zoneName(text: string): string {
  return text.toLowerCase().replace(/\.$/, '') || '.';
}

/** Whether a zone holds a name; both as zoneName writes them. */
export function holds(zone: string, name: string): boolean {
  return zone === '.' || zone === name || name.endsWith(`.${zone}`);
}

/**
 * The zones of one key, as `dns://cluster.local:53` or `10.0.0.0/22`: a range that ends between two labels of the
 * reverse zone is several zones.
 */
export function servedZones(key: string): readonly ServedZone[] {
  const [, scheme, rest = ''] = /^(?:(dns|tls|quic|grpc|https3?):\/\/)?(.*)$/s.exec(key) ?? [];
  const transport = (scheme ?? 'dns') as keyof typeof PORTS;
  const [, host = '', digits] = /^(.*):(\d+|\{[$%][^{}]*\})$/s.exec(rest) ?? [undefined, rest];
  const port = digits?.startsWith('{') ? undefined : (digits ?? PORTS[transport]);
  if (/\{[$%]/.test(host)) return [{ transport, zone: undefined, port }];
  return (reverseZones(host) ?? [zoneName(host)]).map(zone => ({ transport, zone, port }));
}

/** Undefined: the text is no range of addresses. */
function reverseZones(text: string): string[] | undefined {
  if (parseCidr(text) === undefined) return undefined;
  const [address = '', bits = ''] = text.split('/');
  const octets = [...addressBytes(address)];
  const four = familyOf(address) === 'IPv4';
  const labels = four ? octets : octets.flatMap(octet => [octet >> 4, octet & 15]);
  const width = four ? 8 : 4;
  const kept = Math.ceil(Number(bits) / width);
  const several = 2 ** (kept * width - Number(bits));
  const last = (labels[kept - 1] ?? 0) & ~(several - 1);
  const top = four ? 'in-addr.arpa' : 'ip6.arpa';
  return Array.from({ length: several }, (_, index) =>
    [...labels.slice(0, Math.max(kept - 1, 0)), ...(kept === 0 ? [] : [last + index])]
      .map(label => label.toString(four ? 10 : 16))
      .reverse()
      .concat(top)
      .join('.'),
  );
}
