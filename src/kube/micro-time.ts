/**
 * A time as Kubernetes' MicroTime wants it: RFC 3339 with six digits of the second.
 *
 * @param time milliseconds since the epoch
 */
export function microTime(time: number): string {
  return new Date(time).toISOString().replace('Z', '000Z');
}
