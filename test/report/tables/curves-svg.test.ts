import * as vega from 'vega';
import { describe, expect, it } from 'vitest';
import { curvesLegend } from '../../../certification/report/tables/curves-legend.ts';
import { curvesSvg } from '../../../certification/report/tables/curves-svg.ts';
import { seriesStyle } from '../../../certification/report/tables/series-styles.ts';
import { resultsOf, runResults } from './sample-results.ts';

const PLOT = { width: 350, height: 220 };
const small = resultsOf([0.6, 0.5, 0.1, -1], { name: 'small', setting: { scale: 0.25 } });
const large = resultsOf([1.25, 0.5, -1, -1], { name: 'large', setting: { scale: 0.5 } });
const both = await curvesSvg([small, large]);

/** Corners of a curve, as radius and percentage. */
function corners(svg: string, at: number, end: number) {
  const path = new RegExp(`<path d="M([^"Z]*)"[^>]*stroke="${seriesStyle(at).stroke}"`).exec(svg)?.[1] ?? '';
  return path.split('L').map((corner) => {
    const [x, y] = corner.split(',').map(Number);
    return { radius: (x / PLOT.width) * end, percent: 100 - (y / PLOT.height) * 100 };
  });
}

describe('a plot of several results', () => {
  it('draws no more of any at a radius than is certified there, down to nothing at its end', () => {
    for (const [at, results] of [small, large].entries()) {
      const drawn = corners(both, at, 1.25);
      expect(drawn.length).toBeGreaterThan(3);
      expect(drawn.at(-1)?.percent).toBeCloseTo(0, 6);
      drawn.slice(1).forEach(({ radius, percent }, before) => {
        const from = drawn[before];
        if (radius - from.radius < 1e-6) return;
        expect(from.percent).toBeCloseTo(percent, 6);
        const certified = [...results.radii].filter((own) => own >= (from.radius + radius) / 2).length;
        expect(percent).toBeLessThanOrEqual(25 * certified + 1e-6);
      });
      results.summary.curve.forEach(({ radius, certified }) => {
        const near = drawn.filter((corner) => Math.abs(corner.radius - radius) < 1e-5);
        if (certified > 0) expect(near.some(({ percent }) => Math.abs(percent - 25 * certified) < 1e-3)).toBe(true);
      });
    }
  });

  it('ends a curve with something certified at its last radius there', async () => {
    const cut = { ...small, summary: { ...small.summary, curve: small.summary.curve.slice(0, 2) } };
    const drawn = corners(await curvesSvg([cut, large]), 0, 1.25);
    expect(drawn.at(-1)?.radius).toBeCloseTo(0.25, 6);
    expect(drawn.at(-1)?.percent).toBeCloseTo(0, 6);
  });

  it('tells them apart by colour and by dash, in a legend that names what they differ in', () => {
    expect(both).toContain('>σ = 0.25</text>');
    expect(both).toContain('>σ = 0.5</text>');
    expect(both).toContain('>4 examples, n0 = 100, n = 1,000, α = 0.001</text>');
    expect(both).toContain('>ℓ2 radius (input units)</text>');
    const styles = Array.from({ length: 49 }, (_, at) => JSON.stringify(seriesStyle(at)));
    expect(new Set(styles).size).toBe(49);
    const dashes = Array.from({ length: 7 }, (_, at) => JSON.stringify(seriesStyle(at).strokeDash));
    expect(new Set(dashes).size).toBe(7);
  });

  it('says in words what it shows', () => {
    expect(both).toMatch(
      /^<svg role="img" aria-label="Certified accuracy\. σ = 0\.25: 75 % at radius 0\.00, 50 % at radius 0\.25/,
    );
    expect(both).toContain('σ = 0.5: 50 % at radius 0.00');
  });

  it('gives bytes that are a function of its arguments, and places nothing by the width of texts', async () => {
    expect(await curvesSvg(structuredClone([small, large]))).toBe(both);
    const { textMetrics } = vega as unknown as { textMetrics: { width: () => number } };
    const { width } = textMetrics;
    textMetrics.width = () => 123;
    try {
      expect(await curvesSvg([small, large])).toBe(both);
    } finally {
      textMetrics.width = width;
    }
    expect(both.replaceAll(/xmlns(:xlink)?="[^"]*"/g, '')).not.toMatch(
      /https?:|href|<script|<image|<style|url\(|NaN|undefined/,
    );
  });

  it('escapes titles and names', async () => {
    const drawn = await curvesSvg([small, { ...small, name: '<b>&"' }], { title: 'a < b & c' });
    expect(drawn).toContain('>a &lt; b &amp; c</text>');
    expect(drawn).toContain('>&lt;b&gt;&amp;"');
    expect(drawn).not.toContain('<b>');
  });

  it('marks the radii that sequential mode decided, and goes no further', async () => {
    const sequential = runResults('sequential', 50);
    const drawn = await curvesSvg([sequential, large]);
    const points = [
      ...drawn.matchAll(new RegExp(`<path transform="translate\\([^)]*\\)"[^>]*fill="${seriesStyle(0).stroke}"`, 'g')),
    ];
    expect(points).toHaveLength(3);
    const line = corners(drawn, 0, 1.25);
    expect(line.at(-1)?.radius).toBeCloseTo(0.5, 6);
    expect(line.at(-1)?.percent).toBeGreaterThan(10);
  });

  it('draws a band to the bound of all radii for one result alone', async () => {
    const band = /fill-opacity="0\.25"/;
    expect(await curvesSvg([runResults('fixed', 50)])).toMatch(band);
    expect(both).not.toMatch(band);
  });

  it('draws what is of no single result broad, beneath the others', async () => {
    const envelope = {
      label: 'envelope',
      note: '',
      examples: 4,
      certifiedAt: (radius: number) => (radius > 1.25 ? 0 : 3),
    };
    const drawn = await curvesSvg([small, large], { extras: [envelope] });
    const [broad, own] = ['stroke="#c3c7cc" stroke-width="6"', `stroke="${seriesStyle(0).stroke}"`].map((style) =>
      drawn.indexOf(style),
    );
    expect(broad).toBeGreaterThan(0);
    expect(broad).toBeLessThan(own);
    expect(drawn.indexOf('>envelope</text>')).toBeGreaterThan(drawn.indexOf('>σ = 0.5</text>'));
  });
});

describe('the legend of a plot', () => {
  const labelled = (labels: string[]) =>
    curvesLegend(
      labels.map((label, at) => ({ label, style: seriesStyle(at) })),
      416,
    );

  it('stands in up to three columns, as the longest label allows', () => {
    expect(labelled(['a', 'b', 'c', 'd']).height).toBe(36);
    expect(labelled(['a', 'b', 'twenty letters long']).height).toBe(36);
    expect(labelled(['a', 'b', 'a label of thirty-five letters, say']).height).toBe(54);
  });

  it('keeps the end of a label that is too long', () => {
    const [{ label }] = labelled([`${'folder/'.repeat(20)}end`]).entries;
    expect(label).toMatch(/^….*folder\/end$/);
    expect(label.length).toBeLessThan(70);
  });
});
