import { parse } from 'csv-parse/sync';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli } from '../support/run-cli.ts';

/** CIFAR-10 logs that were published with Cohen et al., 2019 (github.com/locuslab/smoothing, data/certify). */
const folder = fileURLToPath(new URL('../exchange/peers/cifar10/resnet110', import.meta.url));
const logs = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
  .sort();

const RADII = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5];

/** Certified accuracy in percent by a count of the file's lines. */
function recount(log: string) {
  const rows = readFileSync(join(folder, log), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t').map(Number));
  return RADII.map((radius) => {
    const certified = rows.filter(([, label, predict, own]) => predict === label && own >= radius).length;
    // Of 500: every share is a whole number of tenths.
    return ((2 * certified) / 10).toFixed(1);
  });
}

describe("the table of Cohen et al.'s published models", () => {
  it('comes out of one command, every share that of a recount', async () => {
    expect(logs).toHaveLength(7);
    const { code, stdout } = await runCli(['report', ...logs, '--format', 'csv'], { cwd: folder });
    expect(code).toBe(0);
    const [headings, ...rows] = parse(stdout);
    expect(headings.slice(-8, -1)).toEqual(
      RADII.map((radius) => `certified accuracy (%) at radius ${radius.toFixed(2)}`),
    );
    const own = rows.slice(0, 7);
    own.forEach((row, at) => {
      expect(row.slice(-8, -1)).toEqual(recount(logs[at]));
    });
    const named = own.map((row) => [row[headings.indexOf('model')], row[headings.indexOf('σ')]]);
    expect(named).toEqual(logs.map((log) => [log.split('/')[0], String(Number(log.split('_')[2]))]));
  });

  it('ends with their upper envelope over σ, the best of each column, and its bound', async () => {
    const { stdout } = await runCli(['report', ...logs, '--format', 'csv'], { cwd: folder });
    const [envelope, lower, ...more] = parse(stdout).slice(8);
    expect([envelope[0], lower[0], ...more]).toEqual(['upper envelope', 'its lower bound']);
    const counts = logs.map(recount);
    const best = RADII.map((_, at) => Math.max(...counts.map((own) => Number(own[at]))));
    expect(envelope.slice(-8, -1).map(Number)).toEqual(best);
    best.forEach((share, at) => {
      const bound = Number(lower.slice(-8, -1)[at]);
      expect(bound).toBeLessThan(share);
      expect(bound).toBeGreaterThan(share - 3);
    });
  });

  it('is the one that they published themselves, of the models at their own σ', async () => {
    // analysis/markdown/vary_noise_cifar10 of github.com/locuslab/smoothing; shares are rounded there, to two decimals.
    const published = [
      ['0.12', '0.59', '0.00', '0.00', '0.00', '0.00', '0.00'],
      ['0.25', '0.60*', '0.43*', '0.27', '0.00', '0.00', '0.00'],
      ['0.50', '0.55', '0.41', '0.32*', '0.23*', '0.15', '0.09'],
      ['1.00', '0.39', '0.34', '0.28', '0.22', '0.17*', '0.14*'],
    ];
    const own = published.map(([sigma]) => `noise_${sigma}/test/sigma_${sigma}`);
    const radii = ['--radii', '0.25,0.5,0.75,1,1.25,1.5'];
    const { stdout } = await runCli(['report', ...own, ...radii, '--format', 'markdown'], { cwd: folder });
    const rows = stdout.split('\n').filter((line) => line.startsWith('| noise'));
    const cells = rows.map((row) => row.split('|').map((cell) => cell.trim()));
    const printed = cells.map((row) => [
      row[2],
      ...row.slice(4, 10).map((cell) => {
        const share = (Number(cell.replaceAll('*', '')) / 100).toFixed(2);
        return cell.startsWith('**') ? `${share}*` : share;
      }),
    ]);
    expect(printed).toEqual(published);
  });

  it('has the best of each column in bold', async () => {
    const { stdout } = await runCli(['report', ...logs, '--format', 'latex'], { cwd: folder });
    const counts = logs.map(recount);
    const best = RADII.map((_, at) => Math.max(...counts.map((own) => Number(own[at]))).toFixed(1));
    const lines = stdout.split('\n').filter((line) => line.includes('noise\\_'));
    const bold = RADII.map((_, at) =>
      lines.map((line) => /\\textbf\{(.*)\}/.exec(line.split(' & ').at(-8 + at) ?? '')?.[1]).filter(Boolean),
    );
    expect(bold).toEqual(best.map((share) => [share]));
  });
});
