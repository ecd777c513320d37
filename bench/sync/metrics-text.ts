/**
 * The sum of a metric's samples in an exposition of Prometheus, of those whose labels hold all that is given.
 *
 * @throws Error where there is no such sample: a metric that was renamed must not be measured as zero
 */
export function metricOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const values = text
    .split('\n')
    .filter(line => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .filter(line => wanted.every(one => line.includes(one)))
    .map(line => Number(line.slice(line.lastIndexOf(' ') + 1)));
  if (values.length === 0) throw new Error(`no metric ${name} with ${wanted.join(', ') || 'any labels'}`);
  return values.reduce((sum, value) => sum + value, 0);
}
