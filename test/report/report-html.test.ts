import { describe, expect, it } from 'vitest';
import { claimDigest } from '../../certification/records/claim.ts';
import { accuracyRows } from '../../certification/report/accuracy-rows.ts';
import { curveSvg } from '../../certification/report/curve-svg.ts';
import { reportHtml } from '../../certification/report/report-html.ts';
import { summarize } from '../../certification/report/summarize.ts';
import { sampleCertificates, sampleClaim } from './sample-certificates.ts';

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

  it('is a function of its arguments', () => {
    expect(reportHtml(structuredClone({ summary, claim, svg }))).toBe(page);
  });
});
