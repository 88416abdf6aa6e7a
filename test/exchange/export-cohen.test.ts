import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cohenResults } from '../../certification/exchange/cohen-results.ts';
import { exportCohen } from '../../certification/exchange/export-cohen.ts';
import { significantRadius } from '../../certification/exchange/significant-radius.ts';
import type { Certificate } from '../../certification/records/certificate.ts';
import type { RequestInput } from '../../certification/records/request.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { runCommand } from '../../cli/dev/run-command.ts';
import { random } from '../models/random.ts';
import { pythonPackages } from '../support/python-packages.ts';
import { smallRun, type Mode } from '../support/small-runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const requirements = fileURLToPath(new URL('../examples/notebook-requirements.txt', import.meta.url));
const out = temporaryFolder(afterAll);

interface Exported {
  readonly certificates: readonly Certificate[];
  readonly bytes: Uint8Array;
  readonly text: string;
}

const runs = new Map<string, Exported>();
const runOf = (name: string) => {
  const run = runs.get(name);
  if (run === undefined) throw new Error(`There is no run ${name}.`);
  return run;
};

async function exported(run: string): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  const made = await exportCohen(openStore(out), run);
  await made.writeTo((bytes) => Promise.resolve(void pieces.push(bytes.slice())));
  return new Uint8Array(Buffer.concat(pieces));
}

const fixed = { sigma: 0.12, n: 2000, alpha: 0.002 } as const;
const wanted: Record<string, [Mode, Partial<RequestInput>]> = {
  'runner-up': ['fixed', fixed],
  'clopper-pearson': ['fixed', { ...fixed, bound: 'clopper-pearson' }],
  sequential: ['sequential', { radii: [0, 0.05, 0.1, 0.25] }],
};

beforeAll(async () => {
  for (const [run, [mode, more]] of Object.entries(wanted)) {
    const { certificates } = await smallRun(mode, out, { ...more, run });
    const bytes = await exported(run);
    runs.set(run, { certificates, bytes, text: new TextDecoder().decode(bytes) });
  }
}, 60_000);

const rowsOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'));

describe.each(['runner-up', 'clopper-pearson', 'sequential'])('an exported run: %s', (name) => {
  it('has a row for each example, with radii of three digits that are never above the certified ones', () => {
    const { certificates, text } = runOf(name);
    const rows = rowsOf(text);
    expect(text.startsWith('idx\tlabel\tpredict\tradius\tcorrect\ttime\n')).toBe(true);
    expect(rows).toHaveLength(certificates.length);
    certificates.forEach(({ index, label, prediction, radius, correct }, at) => {
      const [idx, own, predict, printed, right, time] = rows[at];
      expect([idx, own, predict, right, time]).toEqual([
        ...[index, label, prediction ?? -1, correct ? 1 : 0].map(String),
        '0:00:00',
      ]);
      expect(Number(printed)).toBeLessThanOrEqual(radius);
      expect(radius - Number(printed)).toBeLessThanOrEqual(0.01 * radius);
      expect(printed.replace(/^0\./, '').replace(/^0+/, '').length).toBeLessThanOrEqual(3);
    });
  });

  it('comes back by an import, with the counts of its own rows', () => {
    const { certificates, bytes } = runOf(name);
    const { summary } = cohenResults(bytes, { name: 'sigma_0.12', n: 2000 });
    for (const { radius, certified } of summary.curve.filter((_, at) => at % 5 === 0)) {
      const floor = (row: Certificate) => Number(significantRadius(row));
      expect(certified).toBe(certificates.filter((row) => row.correct && floor(row) >= radius).length);
    }
  });
});

describe('the lattice audit of an exported run', () => {
  it.each(['runner-up', 'clopper-pearson'])('passes it at its own α and fails it at another: %s', (name) => {
    const { bytes } = runOf(name);
    const notes = (alpha: number) => cohenResults(bytes, { name: 'sigma_0.12', n: 2000, alpha }).notes.join('\n');
    expect(notes(0.002)).not.toContain('contradict');
    for (const alpha of [0.001, 0.005, 0.01, 0.05])
      expect(notes(alpha)).toContain(`α = ${alpha} was given, but the radii contradict it.`);
    expect(cohenResults(bytes, { name: 'sigma_0.12', n: 2000 }).setting.alpha).toBe(0.002);
  });

  it('says that it can’t tell from radii that were asked for', () => {
    const { notes, setting } = cohenResults(runOf('sequential').bytes, { name: 'sigma_0.25', n: 600 });
    expect(notes.join('\n')).toContain("as those of a grid that was asked for: they can't tell");
    expect(setting.alpha).toBe(0.001);
  });
});

describe('a run that can’t be exported', () => {
  it('is refused where it is of PREDICT, or isn’t there', async () => {
    await smallRun('predict', out, { run: 'predict' });
    await expect(exported('predict')).rejects.toThrow('mode "predict", which has no radii');
    await expect(exported('nothing')).rejects.toMatchObject({ code: 'NotFound' });
  });
});

describe('Python', () => {
  /** What `analyze.py` of the published code does with a file: its approximate accuracy at radii. */
  const ANALYZE = `
import json, sys
import numpy as np, pandas as pd
radii = np.linspace(0, 0.5, 51)
df = pd.read_csv(sys.argv[1], delimiter="\\t")
print(json.dumps([radii.tolist(), [float((df["correct"] & (df["radius"] >= r)).mean()) for r in radii]]))
`;

  it.each(['runner-up', 'sequential'])(
    'reads an exported run as analyze.py does, to the same counts: %s',
    async (name) => {
      const { bytes } = runOf(name);
      const folder = join(temporaryFolder(), name);
      mkdirSync(folder);
      writeFileSync(join(folder, 'sigma_0.12'), bytes);
      const env = { ...process.env, PYTHONPATH: await pythonPackages(requirements) };
      const { code, output } = await runCommand('python3', ['-c', ANALYZE, join(folder, 'sigma_0.12')], { env });
      expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });
      const [radii, accuracies] = JSON.parse(output) as [number[], number[]];
      const { radii: own } = cohenResults(bytes, { name: 'sigma_0.12', n: 2000 });
      radii.forEach((radius, at) => {
        expect(accuracies[at]).toBeCloseTo(own.filter((each) => each >= radius).length / own.length, 12);
      });
      expect(new Set(accuracies).size).toBeGreaterThan(2);
    },
    300_000,
  );

  it('spells radii with three digits as we do, but for the floor', async () => {
    const next = random(3);
    const radii = [0, 1, 0.5, 9.99, 12.3, 100, 123, 1230, 0.0001, 0.000123, 0.0000123, 1e-9, 0.3, 2 / 3];
    for (let at = 0; at < 500; at += 1) radii.push(10 ** (next() * 10 - 6));
    const floors = radii.map((radius) => significantRadius({ radius }));
    floors.forEach((text, at) => {
      expect(Number(text)).toBeLessThanOrEqual(radii[at]);
      expect(Number(text)).toBeGreaterThanOrEqual(radii[at] * (1 - 0.01) - 1e-14);
    });
    const spelled = await runCommand(
      'python3',
      [
        '-c',
        'import json, sys\nprint(json.dumps(["{:.3}".format(float(t)) for t in json.loads(sys.argv[1])]))',
        JSON.stringify(floors),
      ],
      {},
    );
    expect(JSON.parse(spelled.output)).toEqual(floors);
    // The double nearest to 0.3 is below it, unless 0.3 was asked for.
    expect(significantRadius({ radius: 0.3 })).toBe('0.299');
    expect(significantRadius({ radius: 0.3, certifiedRadii: [0.3] })).toBe('0.3');
    expect(significantRadius({ radius: 0.4579999 })).toBe('0.457');
  });
});

describe('certificates.tsv of a run', () => {
  it('is an export of six decimals', () => {
    const six = readFileSync(join(out, 'runs/runner-up/certificates.tsv'), 'utf8');
    const [long, short] = [rowsOf(six), rowsOf(runOf('runner-up').text)];
    const others = (row: string[]) => row.filter((_, at) => at !== 3);
    expect(long.map(others)).toEqual(short.map(others));
    expect(cohenResults(new TextEncoder().encode(six), { name: 'sigma_0.12', n: 2000 }).setting.alpha).toBe(0.002);
  });
});
