import type { Config } from 'vega-lite';

/** Colours of a chart, as CSS has them. */
export interface ChartStyle {
  readonly ink: string;
  readonly quiet: string;
  readonly rule: string;
  /** The run's own curve and bars. */
  readonly accent: string;
  /** A curve beside it. */
  readonly baseline: string;
  /** What went wrong. */
  readonly alarm: string;
  /** Left out, whatever is behind the chart shows. */
  readonly background?: string;
}

const FONT = 'Helvetica, Arial, "Liberation Sans", "DejaVu Sans", sans-serif';

/** Of a file of its own, on white. */
export const fileStyle: ChartStyle = {
  ink: '#1a1a1a',
  quiet: '#5f6368',
  rule: '#e4e6e9',
  accent: '#1f5fa8',
  baseline: '#a05a00',
  alarm: '#b3261e',
  background: 'white',
};

/** Of a chart in the page: the page's own colours, light or dark. */
export const pageStyle: ChartStyle = {
  ink: 'var(--ink)',
  quiet: 'var(--quiet)',
  rule: 'var(--grid)',
  accent: 'var(--accent)',
  baseline: 'var(--baseline)',
  alarm: 'var(--alarm)',
  background: 'transparent',
};

/** What all charts share. */
export function chartConfig({ ink, quiet, rule }: ChartStyle): Config {
  return {
    aria: false,
    font: FONT,
    view: { stroke: null },
    title: {
      anchor: 'start',
      frame: 'group',
      color: ink,
      subtitleColor: quiet,
      fontSize: 15,
      fontWeight: 600,
      subtitleFontSize: 12,
      subtitlePadding: 5,
      offset: 16,
    },
    axis: {
      aria: false,
      domainColor: ink,
      tickColor: ink,
      gridColor: rule,
      labelColor: ink,
      titleColor: ink,
      labelFontSize: 12,
      titleFontSize: 12.5,
      titleFontWeight: 'normal',
      labelOverlap: false,
      labelBound: false,
      labelFlush: false,
    },
  };
}
