import { describe, expect, it } from 'vitest';
import { claimDigest } from '../../certification/records/claim.ts';
import { accuracyRows } from '../../certification/report/accuracy-rows.ts';
import { curveSvg } from '../../certification/report/curve-svg.ts';
import { reportHtml } from '../../certification/report/report-html.ts';
import { summarize } from '../../certification/report/summarize.ts';
import {
  sampleCertificates,
  sampleClaim,
  sampleSequentialCertificates,
  sampleSequentialClaim,
} from './sample-certificates.ts';

const claim = sampleClaim({ examples: 300 });
const summary = summarize({ claim, claimDigest: claimDigest(claim), certificates: sampleCertificates(claim) });
const svg = await curveSvg({ summary, claim });
const page = reportHtml({ summary, claim, svg });

describe('reportHtml', () => {
  it('is one page that runs nothing and asks for nothing', () => {
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page.replaceAll(/xmlns(:xlink)?="[^"]*"/g, '')).not.toMatch(
      /<script|<link|<img|@import|url\(|https?:| src=/,
    );
  });

  it('holds the curve as it is, and every row of the table', () => {
    expect(page).toContain(svg.trim());
    for (const row of accuracyRows(summary)) {
      expect(page).toContain(`<tr><th scope="row">${row.radius}</th><td>${row.certified}</td><td>${row.accuracy}</td>`);
    }
    for (const { label, examples } of summary.perClass) {
      expect(page).toContain(`<tr><th scope="row">${label}</th><td>${examples}</td>`);
    }
  });

  it('names all that the certificates rest on', () => {
    const { sha256 } = claim.model;
    for (const digest of [summary.claim, sha256, claim.dataset.sha256, claim.code, claim.arithmetic.probe]) {
      expect(page).toContain(`<code>${digest}</code>`);
    }
    expect(page).toContain('<td>300 of 6,000, every 20th</td>');
    expect(page).toContain('<td>runner-up</td>');
    expect(page).toContain('<td>1e-14</td>');
  });

  it('shows a hostile seed or runtime as text', () => {
    const attack = `"><script>alert('1')</script>&amp;`;
    const arithmetic = { ...claim.arithmetic, runtime: attack };
    const attacked = reportHtml({
      summary: { ...summary, claim: attack },
      claim: { ...claim, seed: attack, arithmetic },
      svg,
    });
    expect(attacked).not.toContain('<script');
    const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;';
    expect(attacked.split(escaped)).toHaveLength(4);
  });

  it('says how likely a certificate is wrong', () => {
    expect(page).toContain('each\ncertificate is wrong with probability at most 0.001.</p>');
  });

  it('is a function of its arguments', () => {
    expect(reportHtml(structuredClone({ summary, claim, svg }))).toBe(page);
  });
});

describe('reportHtml of sequential mode', () => {
  async function sequentialPage(radii: number[], skipMisclassified = true) {
    const sequential = sampleSequentialClaim({ examples: 100, radii, n: 2000, skipMisclassified });
    const certificates = sampleSequentialCertificates(sequential);
    const results = summarize({ claim: sequential, claimDigest: claimDigest(sequential), certificates });
    const curve = await curveSvg({ summary: results, claim: sequential });
    return { results, page: reportHtml({ summary: results, claim: sequential, svg: curve }) };
  }
  const fact = (name: string, value: string) => `<th scope="row">${name}</th><td>${value}</td>`;

  it('names the mode, the radii, the most samples, what was drawn of them and what skipping saved', async () => {
    const { results, page: shown } = await sequentialPage([0, 0.25, 0.5]);
    const mean = Math.ceil(results.samples / 100);
    const whole = results.lastLooks?.at(-1)?.examples ?? 0;
    expect(results.skipped).toBeGreaterThan(0);
    expect(whole).toBeGreaterThan(0);
    const thousands = (value: number) => value.toLocaleString('en-US');
    const saved = `at most ${thousands(2000 * results.skipped)}, at most ${20 * results.skipped} an example`;
    for (const expected of [
      fact('Mode', 'sequential'),
      fact('Radii decided', '0, 0.25, 0.5'),
      fact('Estimation n, at most', '2,000'),
      fact('Samples in all', `${thousands(results.samples)} of at most 210,000`),
      fact('Samples an example', `${thousands(mean)} on average of at most 2,100`),
      fact('Samples saved by skipping', saved),
      fact('Estimations that took all n', `${whole} of ${100 - results.skipped}`),
      fact('Misclassified examples', 'skipped'),
    ]) {
      expect(shown).toContain(expected);
    }
    for (const row of accuracyRows(results)) {
      expect(shown).toContain(`<tr><th scope="row">${row.radius}</th><td>${row.certified}</td>`);
    }
  });

  it('says what holds of all radii of an example together, and what is only a lower bound', async () => {
    const { page: atZero } = await sequentialPage([0, 0.5]);
    const { results, page: positive } = await sequentialPage([0.5], false);
    for (const shown of [atZero, positive]) {
      expect(shown).toContain('all radii, are all right with probability at least 1 − 0.001.');
      expect(shown).not.toContain('certificate is wrong with probability');
    }
    expect(positive).toContain(
      `at least ${(Math.floor(1e4 * results.averageCertifiedRadius + 1e-9) / 1e4).toFixed(4)}<`,
    );
    expect(atZero).toContain('At radius 0 its answer at the example itself is certified.');
    expect(positive).not.toContain('At radius 0');
    expect(positive).not.toContain('Samples saved');
    expect(positive).toContain(fact('Misclassified examples', 'certified too'));
  });
});
