import * as vega from 'vega';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../certification/records/canonical-json.ts';
import { curveSvg } from '../../certification/report/curve-svg.ts';
import { summarize } from '../../certification/report/summarize.ts';
import { sampleCertificates, sampleClaim } from './sample-certificates.ts';

const claim = sampleClaim({ examples: 300 });
const certificates = sampleCertificates(claim);
const summary = summarize({ claim, claimDigest: '', certificates });
const svg = await curveSvg({ summary, claim });

const plot = { left: 62, top: 66, width: 520, height: 300 };

/** Corners of the step line, as radius and percentage. */
function drawnCurve(end: number) {
  const path = /<path d="M([^"]*)"[^>]*stroke="#1f5fa8"/.exec(svg)?.[1] ?? '';
  return path.split('L').map((corner) => {
    const [x, y] = corner.split(',').map(Number);
    return { radius: (x / plot.width) * end, percent: 100 - (y / plot.height) * 100 };
  });
}

describe('curveSvg', () => {
  it('gives bytes that are a function of its arguments: these, on every machine', async () => {
    expect(await curveSvg(structuredClone({ summary, claim }))).toBe(svg);
    expect(await Promise.all([curveSvg({ summary, claim }), curveSvg({ summary, claim })])).toEqual([svg, svg]);
    expect(svg).not.toMatch(/ id=/);
    const curve = Array.from({ length: 81 }, (_, at) => {
      const certified = 300 - 3 * at;
      const lower = Math.max(0, certified - 4) / 300;
      return { radius: at / 100, certified, accuracy: certified / 300, lower, wholeCurveLower: lower };
    });
    const fixed = await curveSvg({ summary: { ...summary, cleanAccuracy: 0.92, curve }, claim });
    expect(sha256Hex(fixed)).toBe('8c1434d265ef87633ecd3735ec5eee7bdfe85bfae8d58949057054855cba4faa');
  });

  it('places everything without measuring text, which a canvas beside it would change', async () => {
    const { textMetrics } = vega as unknown as { textMetrics: { width: () => number } };
    const { width } = textMetrics;
    textMetrics.width = () => 123;
    try {
      expect(await curveSvg({ summary, claim })).toBe(svg);
    } finally {
      textMetrics.width = width;
    }
  });

  it('draws no more at any radius than is certified there', () => {
    const end = summary.curve.at(-1)?.radius ?? 0;
    const corners = drawnCurve(end);
    expect(corners.length).toBeGreaterThan(summary.curve.length);
    for (const [at, { radius, percent }] of corners.entries()) {
      if (at === 0) continue;
      const from = corners[at - 1];
      if (Math.abs(from.percent - percent) > 1e-6) continue;
      const inside = (from.radius + radius) / 2;
      const certified = certificates.filter((row) => row.correct && row.radius >= inside).length;
      expect(percent).toBeLessThanOrEqual((100 * certified) / certificates.length + 1e-3);
    }
  });

  it('draws the curve’s own accuracies', () => {
    const end = summary.curve.at(-1)?.radius ?? 0;
    const drawn = drawnCurve(end);
    for (const { radius, accuracy } of summary.curve) {
      const near = drawn.filter((corner) => Math.abs(corner.radius - radius) < 1e-5);
      expect(near.some((corner) => Math.abs(corner.percent - 100 * accuracy) < 1e-2)).toBe(true);
    }
  });

  it('is opaque, names its axes, and says in words what it shows', () => {
    expect(svg).toContain('<rect width="604" height="420" fill="white"/>');
    expect(svg).toContain('>ℓ2 radius (input units)</text>');
    expect(svg).toContain('>certified accuracy</text>');
    expect(svg).toContain('>100 %</text>');
    expect(svg).toMatch(
      /^<svg role="img" aria-label="Certified accuracy at sigma 0\.25: \d+\.\d\d % at radius 0\.00, /,
    );
    expect(svg).toContain('300 examples, n = 10,000, α = 0.001');
  });

  it('asks for nothing from outside', () => {
    expect(svg.replaceAll(/xmlns(:xlink)?="[^"]*"/g, '')).not.toMatch(/https?:|href|<script|<image|<style|url\(/);
  });

  it('is drawn where nothing can be certified too', async () => {
    const few = sampleClaim({ examples: 20, n: 5 });
    const none = summarize({ claim: few, claimDigest: '', certificates: sampleCertificates(few) });
    expect(none.curve).toHaveLength(1);
    const drawn = await curveSvg({ summary: none, claim: few });
    expect(drawn).toContain('>ℓ2 radius (input units)</text>');
    expect(drawn).not.toMatch(/NaN|undefined|Infinity/);
  });
});
