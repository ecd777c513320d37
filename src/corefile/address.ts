import { parseAddress } from '../base/ip.ts';

/** Where `forward` sends questions, if it is an address. */
export interface Upstream {
  /** Canonical. */
  readonly address: string;
  readonly port: string;
}

/** Reads `10.0.0.1`, `10.0.0.1:53`, `fd00::1`, `[fd00::1]`, `[fd00::1]:53` and `dns://…` of them; else undefined. */
export function addressOf(text: string): Upstream | undefined {
  const rest = text.replace(/^dns:\/\//, '');
  const [, bracketed, plain, port = '53'] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(rest) ?? [
    undefined,
    rest,
  ];
  const address = parseAddress(bracketed ?? plain ?? rest);
  if (address === undefined || (bracketed !== undefined && !address.includes(':'))) return undefined;
  return Number(port) > 65_535 ? undefined : { address, port: String(Number(port)) };
}
