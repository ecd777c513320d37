import { isIPv6 } from 'node:net';
import { CausewayError, messageOf } from '../../base/errors.ts';
import type { Explained } from '../../lookup/facts.ts';
import type { Question } from '../../lookup/question.ts';
import { PAGES_PORT } from '../pods.ts';
import { askServer, type DnsServerAddress } from './dns-client.ts';
import { explainedBy, explanationPath, type LookupServer, type LookupTargets } from './targets.ts';

export interface ServerTarget {
  readonly server: DnsServerAddress;
  /** Where a daemon of ours has its pages, on the same address; undefined: nobody has said that it is one. */
  readonly pagesPort: number | undefined;
  readonly tcp: boolean;
}

/** Milliseconds that a page may take where perhaps nobody is. */
const PAGE_TIMEOUT = 1_000;

/** One DNS server, asked straight from here. It may be one of ours, or not. */
export function serverTargets({ server, pagesPort, tcp }: ServerTarget): LookupTargets {
  const name = textOf(server);
  return {
    asked: 'server',
    servers: [directServer(name, server, tcp)],
    daemons: [
      {
        name,
        explain: (question, signal) =>
          explainAt({ ...server, port: pagesPort ?? PAGES_PORT }, question, signal),
      },
    ],
    areOurs: pagesPort !== undefined,
    remotes: async () => [],
    remedy: () => 'choose another with --server, or leave it out to ask through the API server',
  };
}

export function directServer(name: string, server: DnsServerAddress, tcp: boolean): LookupServer {
  return { name, ask: (question, signal) => askServer(server, question, { tcp }, signal) };
}

/** `127.0.0.1:53` or `[::1]:53`. */
export function textOf({ address, port }: DnsServerAddress): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

async function explainAt(
  pages: DnsServerAddress,
  question: Question,
  signal: AbortSignal,
): Promise<Explained> {
  const { HttpsApiClient } = await import('../../kube/https-client.ts');
  // A client of API servers asks for any page, without a credential here.
  const client = new HttpsApiClient({
    server: `http://${textOf(pages)}`,
    namespace: undefined,
    authenticate: async () => ({ headers: {}, tls: {} }),
  });
  const waits = AbortSignal.any([signal, AbortSignal.timeout(PAGE_TIMEOUT)]);
  try {
    return explainedBy(await client.page(explanationPath(question), waits));
  } catch (thrown) {
    signal.throwIfAborted();
    // What the client says besides is advice on API servers.
    const reason = messageOf(thrown instanceof CausewayError ? (thrown.cause ?? thrown) : thrown);
    return { explained: false, reason: `its pages at ${textOf(pages)} (--pages-port): ${reason}` };
  } finally {
    client.close();
  }
}
