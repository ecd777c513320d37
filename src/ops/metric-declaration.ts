/** What one metric is. The tables of these are also where docs/metrics.md comes from. */
export interface MetricDeclaration {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** One line, as Prometheus shows it. */
  readonly help: string;
  /** Label name → what its values can be. Every list is closed or capped: no client chooses a label value. */
  readonly labels: Readonly<Record<string, string>>;
}
