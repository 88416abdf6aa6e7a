import * as vega from 'vega';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../certification/records/canonical-json.ts';
import { curveSvg } from '../../certification/report/curve-svg.ts';
import { summarize } from '../../certification/report/summarize.ts';
import {
  sampleCertificates,
  sampleClaim,
  sampleSequentialCertificates,
  sampleSequentialClaim,
} from './sample-certificates.ts';

const claim = sampleClaim({ examples: 300 });
const certificates = sampleCertificates(claim);
const summary = summarize({ claim, claimDigest: '', certificates });
const svg = await curveSvg({ summary, claim });

const plot = { left: 62, top: 66, width: 520, height: 300 };

/** Corners of the step line, as radius and percentage. */
function drawnCurve(end: number, drawing = svg) {
  const path = /<path d="M([^"Z]*)Z?"[^>]*stroke="#1f5fa8"/.exec(drawing)?.[1] ?? '';
  return path.split('L').map((corner) => at(corner, end));
}

/** Points of sequential mode, as radius and percentage. */
function drawnPoints(end: number, drawing: string) {
  const marks = [...drawing.matchAll(/<path transform="translate\(([^)]*)\)"[^>]*fill="#1f5fa8"/g)];
  return marks.map(([, place]) => at(place, end));
}

function at(place: string, end: number) {
  const [x, y] = place.split(',').map(Number);
  return { radius: (x / plot.width) * end, percent: 100 - (y / plot.height) * 100 };
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
    expect(sha256Hex(fixed)).toBe('0c714d7fc007a5f9c3ac17a8acf9a5e73cdeb78bd3dc3c7e9cca032c6002bcc9');
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

describe('curveSvg of sequential mode', () => {
  const sets = [[0], [0.5], [0, 0.25, 0.5], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]];
  const hundred = Array.from({ length: 100 }, (_, at) => (at + 1) / 160);

  async function drawn(radii: number[]) {
    const decided = sampleSequentialClaim({ examples: 100, radii, n: 1000 });
    const rows = sampleSequentialCertificates(decided);
    const results = summarize({ claim: decided, claimDigest: '', certificates: rows });
    const shares = new Map(results.curve.map(({ radius, accuracy }) => [radius, 100 * accuracy]));
    return { drawing: await curveSvg({ summary: results, claim: decided }), shares };
  }

  it.each([...sets, hundred].map((radii) => ({ radii, count: radii.length, first: radii[0] })))(
    'draws $count radii from $first: a point at each, and between them never more than the larger one’s',
    async ({ radii }) => {
      const { drawing, shares } = await drawn(radii);
      const end = radii[radii.length - 1];
      const points = drawnPoints(end || 0.25, drawing);
      expect(points).toHaveLength(radii.length);
      points.forEach(({ radius, percent }, index) => {
        expect(radius).toBeCloseTo(radii[index], 6);
        expect(percent).toBeCloseTo(shares.get(radii[index]) ?? NaN, 6);
      });
      const corners = drawnCurve(end || 0.25, drawing);
      expect(corners[0].radius).toBe(0);
      expect(corners.at(-1)?.radius).toBeCloseTo(end, 6);
      let levels = 0;
      corners.forEach(({ radius, percent }, index) => {
        const from = corners[index - 1];
        if (index === 0 || radius - from.radius < 1e-9) return;
        expect(from.percent).toBeCloseTo(percent, 6);
        const larger = radii.find((given) => given >= (from.radius + radius) / 2);
        expect(percent).toBeCloseTo(shares.get(larger ?? NaN) ?? NaN, 6);
        levels += 1;
      });
      expect(levels).toBeGreaterThanOrEqual(radii[0] === 0 ? radii.length - 1 : radii.length);
      expect(drawing).not.toMatch(/NaN|undefined|Infinity/);
    },
  );

  it('names n as the most samples, and says in words what it shows at the radii decided', async () => {
    const { drawing, shares } = await drawn([0, 0.25, 0.5]);
    expect(drawing).toContain('100 examples, n ≤ 1,000, α = 0.001');
    const words = [...shares].map(([radius, percent]) => `${percent.toFixed(2)} % at radius ${radius.toFixed(2)}`);
    expect(drawing).toContain(`aria-label="Certified accuracy at sigma 0.25: ${words.join(', ')}."`);
  });

  it('gives bytes that are a function of its arguments', async () => {
    expect((await drawn([0, 0.25, 0.5])).drawing).toBe((await drawn([0, 0.25, 0.5])).drawing);
  });
});
