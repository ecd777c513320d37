const MAX_MESSAGE = 512;

export interface ApiFault {
  /** HTTP. */
  readonly status: number;
  /** Of the Kubernetes Status, in UpperCamelCase: `AlreadyExists`. Empty: the answer was no Status. */
  readonly reason: string;
  readonly message: string;
  readonly retryAfterSeconds?: number | undefined;
  /** What the answer said where it was no Status; one line. */
  readonly body?: string | undefined;
}

/** The API server answered, and the answer is no. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly reason: string;
  /** After how long the server wants to be asked again, if it said so. */
  readonly retryAfterSeconds: number | undefined;
  /** What the answer said where it was no Kubernetes Status, such as a pod's behind the server's proxy; one line. */
  readonly body: string | undefined;

  /** @param doing what was asked of which server: `list services at https://10.0.0.1:6443` */
  constructor(doing: string, { status, reason, message, retryAfterSeconds, body }: ApiFault) {
    super(`could not ${doing}: ${[`${status}`, reason].filter(Boolean).join(' ')}: ${bounded(message)}`);
    this.status = status;
    this.reason = reason;
    this.retryAfterSeconds = retryAfterSeconds;
    this.body = body;
  }
}

/**
 * What an answer with an error status says. Proxies answer too, so a body that is no Kubernetes Status is quoted as it
 * is.
 *
 * @param retryAfter the header of that name; only its form in seconds is read, the one API servers use
 */
export function faultOf(status: number, body: string, retryAfter: string | undefined): ApiFault {
  const seconds = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) : undefined;
  const said = statusOf(body);
  if (said === undefined)
    return { status, reason: '', message: unsaid(body), retryAfterSeconds: seconds, body: bounded(body) };
  return { ...said, status, retryAfterSeconds: seconds ?? said.retryAfterSeconds };
}

/** What an API server answers about a kind of object that it does not have, in place of a Status. */
const UNKNOWN_KIND = '404 page not found';

function unsaid(body: string): string {
  const said = body.trim();
  if (said === '') return 'the answer says no more';
  if (said === UNKNOWN_KIND)
    return 'it has no such kind of object; those of a cluster set come with `causeway enable`';
  return `no Kubernetes Status: ${body}`;
}

function statusOf(body: string): ApiFault | undefined {
  try {
    return readStatus(JSON.parse(body));
  } catch {
    return undefined;
  }
}

/** What a Kubernetes Status says, be it an answer's body or the object of a watch's ERROR. Undefined: it is none. */
export function readStatus(raw: unknown): ApiFault | undefined {
  const { kind, code, reason, message, details } = Object(raw) as Record<string, unknown>;
  if (kind !== 'Status') return undefined;
  const seconds = Object(details).retryAfterSeconds;
  return {
    status: typeof code === 'number' ? code : 500,
    reason: typeof reason === 'string' ? bounded(reason) : '',
    message: typeof message === 'string' ? message : 'the answer says no more',
    retryAfterSeconds: typeof seconds === 'number' ? seconds : undefined,
  };
}

/** Fit for a log line, whoever wrote it. */
function bounded(text: string): string {
  const line = text
    .slice(0, MAX_MESSAGE + 1)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.length <= MAX_MESSAGE ? line : `${line.slice(0, MAX_MESSAGE)}…`;
}
