import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readRunResults } from '../../certification/comparison/read-run-results.ts';
import { claimSchema, type Claim } from '../../certification/records/claim.ts';
import { runFiles } from '../../certification/records/run-keys.ts';
import { uniformSigma } from '../../certification/smoothing/noise-scale.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { remakeRow } from '../../certification/verification/remake-row.ts';
import { claiming, forgeRun, planOf, rowChange, rowsOf, type Forgery } from '../support/forge-run.ts';
import { resultBytes, runLocally } from '../support/run-locally.ts';
import { createVerifier, smallRequest, smallRun } from '../support/small-runs.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const LAMBDA = 0.4;
const uniform = { distribution: 'uniform' as const, lambda: LAMBDA, sigma: undefined };
const { verify, close } = createVerifier();
const folders = { l1: '', linf: '', sequential: '', gaussian: '' };

beforeAll(async () => {
  const run = async (...[mode, more]: [Parameters<typeof smallRun>[0], Parameters<typeof smallRun>[2]]) =>
    (await smallRun(mode, temporaryFolder(afterAll), more)).folder;
  folders.l1 = await run('fixed', uniform);
  folders.linf = await run('fixed', { norm: 'linf' });
  folders.sequential = await run('sequential', { ...uniform, radii: [0, 0.1, 0.2] });
  folders.gaussian = await run('fixed', { sigma: uniformSigma(LAMBDA) });
});
afterAll(close);

const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8');
const columns = (folder: string) =>
  parquetMetadata(new Uint8Array(readFileSync(join(folder, 'certificates.parquet'))).buffer).schema.map(
    ({ name }) => name,
  );

describe('runs of other norms and laws', () => {
  it.each(['l1', 'linf', 'sequential'] as const)('are verified, every example drawn again (%s)', async (name) => {
    expect(planOf(folders[name]).claim.sampling.mode).toBe(name === 'sequential' ? 'sequential' : 'fixed');
    // Of the same standard deviation and another law: the model processes of one are not those of the other.
    expect((await verify(folders.gaussian)).failed).toEqual([]);
    const { sound, of } = await verify(folders[name]);
    expect(sound).toBe(true);
    expect(of('replay')?.detail).toContain('24 of 24 examples');
    expect(of('noise')?.status).toBe('passed');
  });

  it('say so in each certificate, the tables, the summary and the manifest, and others don’t', () => {
    const marks = {
      l1: { norm: 'l1', noise: 'uniform' },
      sequential: { norm: 'l1', noise: 'uniform' },
      linf: { norm: 'linf' },
      gaussian: {},
    };
    for (const [name, expected] of Object.entries(marks)) {
      const folder = folders[name as keyof typeof folders];
      const none = { norm: undefined, noise: undefined, replayable: undefined };
      for (const row of rowsOf(folder, planOf(folder)))
        expect({ ...none, ...row }).toMatchObject({ ...none, ...expected });
      for (const file of [runFiles.summary, runFiles.manifest]) {
        expect({ ...none, ...(JSON.parse(read(folder, file)) as object) }).toMatchObject({ ...none, ...expected });
      }
      const marked = columns(folder).filter((column) => ['norm', 'noise', 'replayable'].includes(column));
      expect(marked).toEqual(Object.keys(expected));
    }
  });

  it.each([
    { name: 'l1', axis: 'ℓ1 radius', title: 'Certified accuracy in ℓ1 at λ = 0.4', law: 'uniform' },
    { name: 'linf', axis: 'ℓ∞ radius', title: 'Certified accuracy in ℓ∞ at σ = 0.25', law: 'gaussian' },
    { name: 'gaussian', axis: 'ℓ2 radius', title: 'Certified accuracy at σ = 0.2309', law: 'gaussian' },
  ] as const)('are shown with norm and law on page and curve ($name)', ({ name, axis, title }) => {
    const curve = read(folders[name], 'curve.svg');
    expect(curve).toContain(axis);
    expect(curve).toContain(title);
    const page = read(folders[name], runFiles.page);
    expect(page).toContain(title);
    expect(page).toContain(`${axis.split(' ')[0]} norm changes`);
    if (name === 'gaussian') expect(page).not.toMatch(/ℓ[1∞]/);
  });

  it('are read as what they are', async () => {
    const settingOf = async (folder: string) =>
      (await readRunResults(openStore(join(folder, '../..')), 'small')).setting;
    expect(await settingOf(folders.l1)).toMatchObject({ norm: 'l1', law: 'uniform', scale: LAMBDA });
    expect(await settingOf(folders.linf)).toMatchObject({ norm: 'linf', law: 'gaussian', scale: 0.25 });
    expect(await settingOf(folders.gaussian)).toMatchObject({ norm: 'l2', law: 'gaussian' });
  });

  it('give the same bytes in other shards and by more processes', async () => {
    const bytes = async (more: { shardSize: number; processes: number }) => {
      const request = {
        ...smallRequest('fixed', temporaryFolder()),
        ...uniform,
        seed: 'same',
        shardSize: more.shardSize,
      };
      const { folder } = await runLocally(request, { processes: more.processes });
      return { ...resultBytes(folder), page: read(folder, runFiles.page), curve: read(folder, 'curve.svg') };
    };
    expect(await bytes({ shardSize: 5, processes: 1 })).toEqual(await bytes({ shardSize: 24, processes: 2 }));
  });
});

describe('a forgery', () => {
  /** Rows made anew of their own counts by the forged claim, as a forger would. */
  const remade: Forgery['rows'] = (rows, plan) =>
    rows.map((row) => {
      const made = remakeRow({ claim: plan.claim, row, moved: 0 });
      if (made === undefined) throw new Error('No row can be made of these counts.');
      return made;
    });
  const caught = async (name: keyof typeof folders, forgery: Forgery) =>
    (await verify(await forgeRun(folders[name], forgery))).failed;
  const noise = (lambda: number) => (claim: Claim) => ({
    noise: { ...claim.noise, lambda, sigma: uniformSigma(lambda) },
  });

  it('of the norm is found, whether or not the rows follow it', async () => {
    const toL2: Forgery['plan'] = (plan) => ({ ...plan, claim: { ...plan.claim, norm: undefined } });
    for (const name of ['linf', 'l1'] as const) {
      expect(await caught(name, { plan: toL2 })).toContain('certificates');
      const followed = await caught(name, { plan: toL2, rows: remade });
      expect(followed).toContain('claim');
      expect(followed).toContain('replay');
    }
  });

  it('of lambda is found, whether or not the rows follow it', async () => {
    expect(await caught('l1', { plan: claiming(noise(0.8)) })).toContain('certificates');
    const followed = await caught('l1', { plan: claiming(noise(0.8)), rows: remade });
    expect(followed).toContain('claim');
    expect(followed).toContain('replay');
  });

  it('of the standard deviation beside lambda is found', async () => {
    const forged = await forgeRun(folders.l1, {
      plan: claiming((claim) => ({ noise: { ...claim.noise, sigma: 0.25 } })),
      rows: remade,
    });
    const { failed, of } = await verify(forged, { replay: 0 });
    expect(failed).toContain('noise');
    expect(of('noise')?.detail).toContain('uniform noise of lambda 0.4 has sigma 0.2309');
  });

  it('of one row’s norm is found', async () => {
    expect(await caught('linf', { rows: rowChange(3, () => ({ norm: undefined })) })).toContain('certificates');
    expect(await caught('l1', { rows: rowChange(3, () => ({ noise: undefined })) })).toContain('certificates');
  });
});

describe('a claim', () => {
  it('has a lambda with the uniform law alone', () => {
    const { claim } = planOf(folders.l1);
    const parse = (noise: object) => claimSchema.safeParse({ ...claim, noise: { ...claim.noise, ...noise } }).success;
    expect(parse({})).toBe(true);
    expect(parse({ law: 'discretised-gaussian' })).toBe(false);
    expect(parse({ lambda: undefined })).toBe(false);
    expect(claimSchema.safeParse({ ...claim, norm: 'l2' }).success).toBe(false);
  });

  it('of ℓ2 radii by Gaussian noise has neither norm nor lambda', () => {
    const { claim } = planOf(folders.gaussian);
    expect(Object.keys(claim)).not.toContain('norm');
    expect(Object.keys(claim.noise)).not.toContain('lambda');
  });
});
