/**
 * Every code an operator can meet. The code is stable and greppable; the message says what was being done, what was
 * found, where, and what to do.
 */
export type ErrorCode =
  | 'SETTING_INVALID'
  | 'SOURCE_UNREADABLE'
  | 'OBJECT_INVALID'
  | 'FILE_BROKEN'
  | 'LISTEN_FAILED'
  | 'UDP_THREAD_FAILED'
  | 'OUTPUT_UNWRITABLE'
  | 'SECRET_UNREADABLE'
  | 'KUBECONFIG_INVALID'
  | 'CONTEXT_UNKNOWN'
  | 'API_UNREACHABLE'
  | 'DNS_UNREACHABLE'
  | 'API_ANSWER_INVALID'
  | 'SECRET_MISSING'
  | 'CLUSTER_ID_MISSING'
  | 'CLUSTER_ID_TAKEN'
  | 'DEFINITION_NOT_SERVED'
  | 'SERVICE_NOT_EXPORTABLE'
  | 'REMOTE_UNKNOWN'
  | 'TOKEN_MISSING'
  | 'SERVER_FOREIGN'
  | 'NAMESPACE_ENDING'
  | 'COREFILE_INVALID'
  | 'COREFILE_MARKS_DAMAGED'
  | 'COREFILE_ZONE_TAKEN'
  | 'COREFILE_MISSING'
  | 'COREDNS_OPERATED'
  | 'COREDNS_RELOAD_MISSING'
  | 'DNS_ADDRESS_UNKNOWN'
  | 'ROUTES_UNKNOWN'
  | 'KERNEL_UNREADABLE'
  | 'KERNEL_REFUSED'
  | 'BGP_DAEMON_FAILED'
  | 'PROGRAM_MISSING'
  | 'PROGRAM_TOO_OLD'
  | 'PERMISSION_MISSING'
  | 'KEY_UNUSABLE'
  | 'AGENT_RUNS';

/** The one error class for faults a person must act on. Programming errors stay ordinary `Error`s. */
export class CausewayError extends Error {
  override readonly name = 'CausewayError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Where there is no way to an address, Node says besides from which one it would have gone. */
const ORIGIN = / - Local \([^()]*\)$/;

/** The message of anything that was thrown, without its stack. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message.replace(ORIGIN, '') : String(thrown);
}
