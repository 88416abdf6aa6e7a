import { describe, expect, it } from 'vitest';
import type { Certificate } from '../../certification/records/certificate.ts';
import { claimDigest, type Claim } from '../../certification/records/claim.ts';
import { accuracyRows } from '../../certification/report/accuracy-rows.ts';
import { reportHtml, type RunContent } from '../../certification/report/report-html.ts';
import { exampleColumns } from '../../certification/report/example-columns.ts';
import type { ExampleList } from '../../certification/report/example-list.ts';
import { summarize } from '../../certification/report/summarize.ts';
import {
  failedCertificate,
  sampleCertificates,
  sampleClaim,
  sampleSequentialCertificates,
  sampleSequentialClaim,
  skippedCertificate,
} from './sample-certificates.ts';

function contentOf(claim: Claim, certificates: readonly Certificate[]): RunContent {
  const { add, columns } = exampleColumns(certificates.length);
  certificates.forEach(add);
  return { summary: summarize({ claim, claimDigest: claimDigest(claim), certificates }), claim, examples: columns };
}

/** The data of the page's table of examples. */
function listed(page: string): ExampleList {
  const text = /<script type="application\/json" id="examples-data">(.*?)<\/script>/s.exec(page)?.[1] ?? '';
  return JSON.parse(text) as ExampleList;
}

const claim = sampleClaim({ examples: 300 });
const certificates = sampleCertificates(claim);
const content = contentOf(claim, certificates);
const { summary } = content;
const page = await reportHtml(content);

describe('reportHtml', () => {
  it('is one page that asks for nothing, and runs one script that its policy names', () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']{44}'; script-src 'sha256-[^']{44}'; img-src data:; base-uri 'none'; form-action 'none'$/,
    );
    expect(page.replaceAll(/xmlns(:xlink)?="[^"]*"/g, '')).not.toMatch(
      /<link|@import|url\(|https?:| src="(?!data:)| style="/,
    );
    expect(page.match(/<script>/g)).toHaveLength(1);
  });

  it('holds every row of the tables', () => {
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
    expect(page).toContain('<td>cpu, onnxruntime-node 1.30.0, threads 1, batch 64</td>');
  });

  it('shows a hostile seed, runtime or name of a baseline as text', async () => {
    const attack = `"><script>alert('1')</script>&amp;`;
    const arithmetic = { ...claim.arithmetic, runtime: attack };
    const attacked = await reportHtml({
      ...content,
      summary: { ...summary, claim: attack },
      claim: { ...claim, seed: attack, arithmetic },
      baseline: { name: attack, summary, claim },
    });
    expect(attacked).not.toContain('<script>alert');
    const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;';
    // Seed, runtime, claim's digest, and the baseline in the title's line and the legend.
    expect(attacked.split(escaped)).toHaveLength(6);
  });

  it('says how likely a certificate is wrong', () => {
    expect(page).toContain('each\ncertificate is wrong with probability at most 0.001.</p>');
  });

  it('links the files of its run, from wherever it lies', async () => {
    const names = ['metrics.json', 'certificates.parquet', 'certificates.tsv', 'summary.json', 'manifest.json'];
    for (const name of names) expect(page).toContain(`<a href="${name}">`);
    const elsewhere = await reportHtml({ ...content, results: '../../../runs/a/' });
    for (const name of names) expect(elsewhere).toContain(`<a href="../../../runs/a/${name}">`);
  });

  it('is a function of its arguments', async () => {
    expect(await reportHtml(structuredClone(content))).toBe(page);
  });
});

describe('the examples of a page', () => {
  const rows = certificates.map((row, at) => {
    if (at === 7) return failedCertificate(row);
    return at === 9 ? skippedCertificate(row) : row;
  });

  it('come the weakest first: failed, misclassified, skipped, abstained, certified by ascending radius', async () => {
    const list = listed(await reportHtml(contentOf(claim, rows)));
    expect(list.total).toBe(300);
    expect(list.index).toHaveLength(300);
    expect(new Set(list.index)).toEqual(new Set(rows.map(({ index }) => index)));
    const names = list.outcome.map((each) => list.outcomes[each]);
    expect([...new Set(names)]).toEqual(['failed', 'misclassified', 'skipped', 'abstained', 'certified']);
    expect(list.index[0]).toBe(rows[7].index);
    const radii = list.radius.filter((_, at) => names[at] === 'certified');
    expect(radii).toEqual(radii.toSorted((a, b) => a - b));
    expect(radii.at(-1)).toBeGreaterThan(radii[0]);
  });

  it('have no radius or bound above their certificates’', async () => {
    const list = listed(await reportHtml(contentOf(claim, rows)));
    const byIndex = new Map(rows.map((row) => [row.index, row]));
    list.index.forEach((index, at) => {
      const row = byIndex.get(index);
      if (row === undefined) throw new Error(`There is no example ${index}.`);
      expect(list.radius[at]).toBeLessThanOrEqual(row.radius);
      expect(row.radius - list.radius[at]).toBeLessThan(1e-4);
      expect(list.lowerBound?.[at]).toBeLessThanOrEqual(row.lowerBound);
      expect([list.label[at], list.prediction[at], list.guess?.[at]]).toEqual([
        row.label,
        row.prediction ?? -1,
        row.selected ?? -1,
      ]);
      expect([list.count?.[at], list.n?.[at]]).toEqual([row.count, row.n]);
    });
  });

  it('come the worst drops first where they are compared, of the radius that counts', async () => {
    const before = contentOf(claim, certificates);
    const [lost, halved, sure] = certificates.filter(({ correct, radius }) => correct && radius > 0.5);
    const other = (sure.label + 1) % 10;
    const lower = certificates.map((row) => {
      if (row === lost) return { ...row, status: 'abstained' as const, prediction: null, radius: 0, correct: false };
      // That of another class counts for nothing, however large it is.
      if (row === sure) return { ...row, prediction: other, selected: other, radius: 2 * row.radius, correct: false };
      return row === halved ? { ...row, radius: row.radius / 2 } : row;
    });
    const after = contentOf(claim, lower);
    const { examples, ...curve } = before;
    const compared = await reportHtml({ ...after, baseline: { ...curve, name: 'baseline r0', examples } });
    const list = listed(compared);
    expect(new Set(list.index.slice(0, 2))).toEqual(new Set([lost.index, sure.index]));
    expect(list.index[2]).toBe(halved.index);
    expect(list.baseline?.change[list.index.indexOf(lost.index)]).toBeCloseTo(-lost.radius, 3);
    expect(list.baseline?.change[list.index.indexOf(sure.index)]).toBeCloseTo(-sure.radius, 3);
    expect(list.baseline?.change[2]).toBeCloseTo(-halved.radius / 2, 3);
    expect(list.baseline?.change.slice(3).every((change) => change === 0)).toBe(true);
    expect(compared).toContain('<th scope="col">baseline</th><th scope="col">change in points</th>');
    expect(compared).toContain('<dd class="sub">−0.67 points</dd>');

    const others = await reportHtml({ ...after, baseline: { ...curve, name: 'baseline r0' } });
    expect(listed(others).baseline).toBeUndefined();
    expect(others).toContain('The baseline is of other examples');
    expect(others).toContain('<th scope="col">change in points</th>');
  });

  it('are at most 50,000, the weakest of all, and the page says so', async () => {
    const many = sampleClaim({ examples: 50_100 });
    const repeated = Array.from({ length: 50_100 }, (_, at) => ({ ...certificates[at % 300], index: 20 * at }));
    const shown = await reportHtml(contentOf(many, repeated));
    const list = listed(shown);
    expect([list.total, list.index.length]).toEqual([50_100, 50_000]);
    expect(shown).toContain('Of 50,100 examples these are the first 50,000.');
  });
});

describe('reportHtml of sequential mode', () => {
  async function sequentialPage(radii: number[], skipMisclassified = true) {
    const sequential = sampleSequentialClaim({ examples: 100, radii, n: 2000, skipMisclassified });
    const results = contentOf(sequential, sampleSequentialCertificates(sequential));
    return { results: results.summary, page: await reportHtml(results) };
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

  it('has the histogram of looks in place of that of lower bounds', async () => {
    const { results, page: shown } = await sequentialPage([0, 0.25, 0.5]);
    expect(shown).toContain('Samples until every radius was decided');
    expect(shown).not.toContain('Lower bounds on the top class');
    expect(page).toContain('Lower bounds on the top class');
    for (const { n, examples } of results.lastLooks ?? []) {
      expect(shown).toContain(
        `<th scope="row">${n.toLocaleString('en-US')}${n === 2000 ? ', all' : ''}</th><td>${examples}</td>`,
      );
    }
  });

  it('says what holds of all radii of an example together, and what is only a lower bound', async () => {
    const { page: atZero } = await sequentialPage([0, 0.5]);
    const { results, page: positive } = await sequentialPage([0.5], false);
    for (const shown of [atZero, positive]) {
      expect(shown).toContain('all radii, are all right with probability at least 1 − 0.001.');
      expect(shown).not.toContain('certificate is wrong with probability');
    }
    const average = (Math.floor(1e4 * results.averageCertifiedRadius + 1e-9) / 1e4).toFixed(4);
    expect(positive).toContain(`<dt>Average certified radius, at least</dt><dd>${average}</dd>`);
    expect(atZero).toContain('At radius 0 its answer at the example itself is certified.');
    expect(positive).not.toContain('At radius 0');
    expect(positive).not.toContain('Samples saved');
    expect(positive).toContain(fact('Misclassified examples', 'certified too'));
  });
});
