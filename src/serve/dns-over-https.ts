import { MAX_MESSAGE_LENGTH } from '../wire/codes.ts';
import { freshnessOf } from '../wire/freshness.ts';
import { type HttpOptions, type MakePage, type Page, plain } from './http.ts';
import type { Handler } from './transport.ts';

const TYPE = 'application/dns-message';

/** RFC 4648 section 5 without padding, as RFC 8484 section 6 has it. */
const BASE64URL = /^[A-Za-z0-9_-]+$/;

/**
 * DNS over HTTP, GET and POST (RFC 8484): how a replica is asked where only HTTP leads to it, as through an API
 * server's proxy. TLS is ended by whoever stands in front. A message is answered as over TCP, but for zone transfers.
 *
 * @returns what HttpServer takes for this one path
 */
export function dnsOverHttps(path: string, handler: Handler): Pick<HttpOptions, 'pages' | 'posts'> {
  const get: MakePage = ({ query, client }) => {
    const [text, ...more] = query.getAll('dns');
    if (text === undefined || more.length > 0 || !BASE64URL.test(text)) {
      return plain(400, 'one parameter is needed, dns: a DNS message as base64url without padding\n');
    }
    return replyTo(handler, Buffer.from(text, 'base64url'), client);
  };
  const post: MakePage = ({ body, client }) => replyTo(handler, body, client);
  return { pages: { [path]: get }, posts: { [path]: { type: TYPE, most: MAX_MESSAGE_LENGTH, make: post } } };
}

/** Whatever the reply's own code is, HTTP has done well once there is one (RFC 8484 section 4.2.1). */
function replyTo(handler: Handler, message: Uint8Array, client: string): Page {
  const reply = handler(message, { transport: 'http', address: client });
  if (!(reply instanceof Uint8Array)) return plain(400, 'this is no DNS query\n');
  const maxAge = freshnessOf(reply);
  return { type: TYPE, body: reply, ...(maxAge === undefined ? {} : { maxAge }) };
}
