import type { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';

/**
 * Shakes hands with whoever is there: what is wrong with the certificate is told by the caller, with it at hand. No
 * credential may go along but those of TLS itself.
 *
 * @param name that the certificate is to be for: a host name or an address
 * @throws Error with what came in the way, in a few words; what the signal is aborted with
 */
export async function shakeHands(
  options: ConnectionOptions,
  name: string,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const socket = connect({
    ...options,
    // RFC 6066 section 3: an address is no server name.
    servername: isIP(name) === 0 ? name : '',
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
  });
  try {
    await once(socket, 'secureConnect', { signal });
  } catch (thrown) {
    socket.destroy();
    throw failureOf(thrown, signal);
  }
  // Whatever befalls it later is told by what is tried on it.
  return socket.on('error', () => {});
}

/** Why there is no connection, in a few words. */
export function failureOf(thrown: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason;
  const first = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  const { code = '', message = '' } = Object(first) as { readonly code?: string; readonly message?: string };
  // OpenSSL's messages are long lists of its own source files.
  return new Error(/^(ERR_SSL|EPROTO|ECONNRESET)/.test(code) ? code : message);
}

/** Whether a certificate is for a name: by its subjectAltName alone, as other clients of Kubernetes have it. */
export function isFor(certificate: X509Certificate | undefined, name: string): boolean {
  const fits =
    isIP(name) === 0 ? certificate?.checkHost(name, { subject: 'never' }) : certificate?.checkIP(name);
  return fits !== undefined;
}

/** A name in a certificate is one line for each of its parts. */
export function nameText(name = ''): string {
  return name.trim().replaceAll('\n', ', ');
}
