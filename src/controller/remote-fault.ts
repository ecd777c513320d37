import { CausewayError, messageOf } from '../base/errors.ts';
import { ApiError } from '../kube/api-error.ts';
import type { ContactReason, RemoteFacts, SyncReason } from './remote-conditions.ts';

/** What a fault says of the contact with a remote cluster, and of what is read from it. */
type Meaning = readonly [ContactReason, SyncReason];

const BY_CODE: Readonly<Record<string, Meaning>> = {
  OBJECT_INVALID: ['SpecInvalid', 'Unreached'],
  SECRET_MISSING: ['SecretMissing', 'Unreached'],
  KUBECONFIG_INVALID: ['KubeconfigInvalid', 'Unreached'],
  API_UNREACHABLE: ['NoAnswer', 'Unreached'],
  API_ANSWER_INVALID: ['AnswerInvalid', 'Unreached'],
  CLUSTER_ID_MISSING: ['Answering', 'ClusterIdMissing'],
  CLUSTER_ID_TAKEN: ['Answering', 'ClusterIdTaken'],
};

const BY_STATUS: Readonly<Record<number, Meaning>> = {
  401: ['CredentialRefused', 'CredentialRefused'],
  403: ['CredentialRefused', 'CredentialRefused'],
  // Of a list: the API server does not know the resource at all.
  404: ['Answering', 'CRDsMissing'],
};

/** Codes of OpenSSL and of Node's own checks: `CERT_HAS_EXPIRED`, `ERR_TLS_CERT_ALTNAME_INVALID`, `EPROTO`. */
const TLS_CODE = /CERT|SSL|TLS|^EPROTO$|^UNABLE_TO_(?:GET|VERIFY)|^INVALID_CA$/;

/** The facts that follow from what was thrown while a remote cluster was asked or read. */
export function factsOfFault(fault: unknown): Pick<RemoteFacts, 'contact' | 'sync'> {
  const [contact, sync] = meaningOf(fault);
  const found = messageOf(fault);
  // Told once, where it belongs: the other condition points there.
  return contact === 'Answering' || contact === 'CredentialRefused'
    ? { contact: { reason: contact }, sync: { reason: sync, found } }
    : { contact: { reason: contact, found }, sync: { reason: sync } };
}

function meaningOf(fault: unknown): Meaning {
  if (fault instanceof ApiError) return BY_STATUS[fault.status] ?? ['Answering', 'ServerFailed'];
  if (fault instanceof CausewayError) {
    if (fault.code === 'API_UNREACHABLE' && failedInTls(fault.cause)) return ['TLSFailed', 'Unreached'];
    return BY_CODE[fault.code] ?? ['ConnectFailed', 'Unreached'];
  }
  const timedOut = fault instanceof DOMException && fault.name === 'TimeoutError';
  return timedOut ? ['NoAnswer', 'Unreached'] : ['ConnectFailed', 'Unreached'];
}

function failedInTls(cause: unknown): boolean {
  const first = cause instanceof AggregateError ? cause.errors[0] : cause;
  return TLS_CODE.test(String(Object(first).code ?? ''));
}
