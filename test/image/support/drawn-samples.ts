/** The samples of estimations that a sampler has drawn, of its metrics as Prometheus reads them. */
export function drawnSamples(metrics: string): number {
  const lines = metrics.matchAll(/^perimeter_samples_total\{[^}]*phase="estimation"[^}]*\} (\S+)/gm);
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}
