import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requirePlan } from '../../certification/plan-run.ts';
import { readRows } from '../../certification/read-rows.ts';
import { readSummary } from '../../certification/read-summary.ts';
import { certificateSchema, type Certificate } from '../../certification/records/certificate.ts';
import type { Summary } from '../../certification/records/summary.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { runCommand } from '../../cli/dev/run-command.ts';
import { pythonPackages } from '../support/python-packages.ts';
import { runCli } from '../support/run-cli.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const example = fileURLToPath(new URL('../../examples/fashion-mnist', import.meta.url));
const text = readFileSync(new URL('../../examples/notebook.md', import.meta.url), 'utf8');
const requirements = fileURLToPath(new URL('notebook-requirements.txt', import.meta.url));

const blocks = (language: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map(([, block]) => block);

/** Where the document's commands are typed: a folder with the examples in it. */
const cwd = temporaryFolder(afterAll);
const outputs: string[] = [];
let before: Certificate[];
let after: Certificate[];
let summary: Summary;

/** Lines without the blanks that end them. */
const linesOf = (output: string) =>
  output
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd());
/** What is left of an output whatever the numbers in it are. */
const shapeOf = (output: string) =>
  linesOf(output).map((line) =>
    line
      .replaceAll(/\d+(\.\d+)?|NULL/g, '#')
      .replaceAll(/ +/g, ' ')
      .replaceAll(/─+/g, '─'),
  );

beforeAll(async () => {
  const packages = pythonPackages(requirements);
  mkdirSync(join(cwd, 'examples'));
  symlinkSync(example, join(cwd, 'examples/fashion-mnist'));
  for (const command of blocks('bash')[0].trim().split('\n')) {
    const args = /^npx perimeter (.*)$/.exec(command)?.[1].split(' ') ?? [];
    // A seed that is given: a test that can't fail by chance.
    expect(await runCli([...args, '--seed', 'notebook'], { cwd })).toMatchObject({ code: 0 });
  }
  const store = openStore(join(cwd, 'perimeter-results'));
  const rowsOf = async (run: string) =>
    (await readRows({ store, plan: await requirePlan(store, run), failedShards: [] })) as Certificate[];
  before = await rowsOf('before');
  after = await rowsOf('after');
  summary = (await readSummary(store, 'before')).summary as Summary;

  const env = { ...process.env, PYTHONPATH: await packages, PYTHONNOUSERSITE: '1', PYTHONIOENCODING: 'utf-8' };
  for (const block of blocks('python')) {
    const { code, output } = await runCommand('python3', ['-c', block], { cwd, env });
    expect(code, output).toBe(0);
    outputs.push(output);
  }
}, 600_000);

describe('examples/notebook.md', () => {
  it('takes three lines of pandas, and three of DuckDB', () => {
    const statements = blocks('python').map((block) => {
      const [imports, ...lines] = block.split('\n').filter((line) => line !== '');
      return { imports, lines: lines.length };
    });
    expect(statements).toEqual([
      { imports: 'import pandas as pd', lines: 3 },
      { imports: 'import duckdb', lines: 3 },
    ]);
  });

  it('prints what it says that they print, but for the numbers, which are of the noise', () => {
    expect(outputs.map(shapeOf)).toEqual(blocks('text').map(shapeOf));
  });

  it('has the certified accuracy of each class by pandas, as the rows and the summary have it', () => {
    const [head, , ...lines] = linesOf(outputs[0]);
    const radii = head.trim().split(/ +/).map(Number);
    expect(radii).toEqual([0, 0.25, 0.5]);
    const table = lines.map((line) => line.split(/ +/).map(Number));
    expect(table.map(([label]) => label)).toEqual(summary.perClass.map(({ label }) => label));
    radii.forEach((radius, at) => {
      const point = summary.curve.find((each) => each.radius === radius);
      let certified = 0;
      for (const [label, ...shares] of table) {
        const rows = before.filter((row) => row.label === label);
        const reached = rows.filter((row) => row.correct && row.radius >= radius).length;
        certified += reached;
        expect(Math.abs(shares[at] - reached / rows.length)).toBeLessThanOrEqual(0.005 + 1e-9);
      }
      expect(certified).toBe(point?.certified);
    });
  });

  it('finds by DuckDB the examples that lost most, as the rows have it', () => {
    const lost = before
      .map((old, at) => ({ old, next: after[at] }))
      .filter(({ old }) => old.correct)
      .map(({ old, next }) => ({ old, next, lost: old.radius - (next.correct ? next.radius : 0) }))
      .sort((a, b) => b.lost - a.lost || a.old.index - b.old.index)
      .slice(0, 5);
    const cells = linesOf(outputs[1])
      .slice(4, -1)
      .map((line) =>
        line
          .split('│')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    expect(cells.map((row) => row.map((cell) => (cell === 'NULL' ? null : Number(cell))))).toEqual(
      lost.map(({ old, next, lost: by }) => [old.index, old.label, old.radius, by, next.prediction]),
    );
  });

  it('states figures that are about those of this version', () => {
    const meanOf = (output: string) => {
      const rows = linesOf(output)
        .slice(2)
        .map((line) => line.split(/ +/).slice(1).map(Number));
      return rows[0].map((_, at) => rows.reduce((sum, row) => sum + row[at], 0) / rows.length);
    };
    const stated = meanOf(blocks('text')[0]);
    // Other versions draw other noise, which moves one or two of the 100 images over a radius.
    meanOf(outputs[0]).forEach((mean, at) => {
      expect(Math.abs(mean - stated[at])).toBeLessThan(0.08);
    });
  });

  it('names every column, in order', () => {
    const columns = [...text.matchAll(/^\| `(\w+)` /gm)].map(([, column]) => column);
    expect(columns).toEqual(Object.keys(certificateSchema.shape));
  });
});

describe('the Python packages of a test', () => {
  it('are refused where they have other bytes than were named, or without Python, in one sentence', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'other.txt');
    writeFileSync(file, `six==1.17.0 --hash=sha256:${'0'.repeat(64)}\n`);
    const env = { ...process.env, PERIMETER_CACHE: join(folder, 'cache') };
    const refusal = (reason: string) => ({
      code: 'MissingPart',
      message: expect.stringMatching(
        new RegExp(`other\\.txt could not be installed \\(${reason}.*\\): install python3`),
      ) as string,
    });
    await expect(pythonPackages(file, env)).rejects.toMatchObject(refusal('ERROR: .*PACKAGES DO NOT MATCH THE HASHES'));
    await expect(pythonPackages(file, { ...env, PATH: folder })).rejects.toMatchObject(refusal('python3: '));
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });
});
