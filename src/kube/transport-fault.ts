import { CausewayError, messageOf } from '../base/errors.ts';

const REMEDIES: readonly { readonly codes: RegExp; readonly remedy: string }[] = [
  {
    codes: /^CERT_HAS_EXPIRED$|^CERT_NOT_YET_VALID$/,
    remedy:
      "the API server's certificate is not valid at this time: renew it, or set the clock of this machine",
  },
  {
    codes:
      /^SELF_SIGNED_CERT|^DEPTH_ZERO_SELF|^UNABLE_TO_(VERIFY|GET_ISSUER)|^CERT_(SIGNATURE|UNTRUSTED)|^INVALID_CA/,
    remedy:
      "the API server's certificate is not signed by the authority in the kubeconfig: " +
      'put the current one of its cluster into certificate-authority-data',
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    remedy:
      "the API server's certificate is for other names: use one of those in server, or set tls-server-name",
  },
  {
    codes: /ALERT_(CERTIFICATE|BAD_CERTIFICATE|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE)|CERTIFICATE_REQUIRED/,
    remedy:
      'the API server refuses the client certificate: put one in that it has signed and that is not expired',
  },
  { codes: /^EPROTO$|^ERR_SSL_/, remedy: 'no TLS is to be had there: check host and port of server' },
  {
    codes: /^ENOTFOUND$|^EAI_/,
    remedy: 'its name has no address: check server, and the DNS of this machine',
  },
  { codes: /^ECONNREFUSED$/, remedy: 'nothing listens there: check server, and that the API server runs' },
  {
    codes: /^(EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/,
    remedy: 'there is no way there: check routes and firewalls',
  },
];
const OTHERWISE = 'check that the API server runs, and what is between it and here';

/** There was no whole answer, and why. */
export function unreachable(doing: string, cause: unknown): CausewayError {
  const code = codeOf(cause);
  const remedy = REMEDIES.find(({ codes }) => codes.test(code))?.remedy ?? OTHERWISE;
  // OpenSSL's messages are long lists of its own source files, and Node's for a reset is "aborted"; the code says more.
  const reason = /^(ERR_SSL|EPROTO$|ECONNRESET$)/.test(code) ? code : messageOf(cause);
  return new CausewayError('API_UNREACHABLE', `could not ${doing}: ${reason}; ${remedy}`, { cause });
}

/** An answer that no API server gives: a proxy's login page, a broken stream, more than there can be. */
export function senseless(doing: string, found: string): CausewayError {
  const remedy = 'check that server is the address of a Kubernetes API server';
  return new CausewayError('API_ANSWER_INVALID', `could not ${doing}: ${found}; ${remedy}`);
}

/** Several addresses of one name are tried; what became of the first says as much as all. */
function codeOf(cause: unknown): string {
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  return String(Object(first).code ?? '');
}
