import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Certificate, Row } from '../../certification/records/certificate.ts';
import type { Plan } from '../../certification/records/plan.ts';
import { remakeRow } from '../../certification/verification/remake-row.ts';
import { copyRun, forgeRun, planOf, rowsOf } from '../support/forge-run.ts';
import { modes, signedRuns, smallRequest, smallRun, type Mode } from '../support/small-runs.ts';
import { runLocally } from '../support/run-locally.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { keys, runOf, verify, redraw } = signedRuns(modes);

describe('a run that nobody touched', () => {
  it.each(modes)('verifies with every example drawn anew: %s', async (mode) => {
    const { sound, checks, of } = await verify(runOf(mode), { publicKey: keys.publicKey });
    expect(sound).toBe(true);
    expect(checks.filter(({ status }) => status !== 'passed').map(({ name }) => name)).toEqual(['seed']);
    expect(of('replay')?.detail).toMatch(/^(\d+) of \1 examples in .* s, seed test: all equal$/);
  });

  it('verifies when it was made in pieces', async () => {
    const request = smallRequest('sequential', temporaryFolder());
    const stop = new AbortController();
    const stopped = runLocally(request, {
      processes: 1,
      signal: stop.signal,
      onProgress: ({ examples }) => {
        if (examples > 7) stop.abort(new Error('enough'));
      },
    });
    await expect(stopped).rejects.toThrow('enough');
    const { folder } = await runLocally(request, { processes: 1 });
    const { sound, of } = await verify(folder);
    expect(sound).toBe(true);
    expect(of('replay')).toMatchObject({ status: 'passed' });
  });

  it('verifies in a folder of another name, with its inputs elsewhere', async () => {
    const copy = copyRun(runOf('fixed'));
    const { request } = planOf(copy);
    const inputs = temporaryFolder();
    const moved = { model: join(inputs, 'm.onnx'), dataset: join(inputs, 'd.idx'), labels: join(inputs, 'l.idx') };
    for (const name of ['model', 'dataset', 'labels'] as const)
      writeFileSync(moved[name], readFileSync(request[name] ?? ''));
    const { sound, failed } = await verify(copy, { inputs: moved });
    expect({ sound, failed }).toEqual({ sound: true, failed: [] });
  });

  it('has a signature of whoever, where no key is given, and none where it has none', async () => {
    const copy = copyRun(runOf('fixed'));
    expect((await verify(copy, { replay: 0 })).of('signature')).toMatchObject({ status: 'noted' });
    rmSync(join(copy, 'signature.json'));
    expect((await verify(copy, { replay: 0 })).of('signature')).toEqual({
      name: 'signature',
      status: 'noted',
      detail: 'none',
    });
    const { sound, failed } = await verify(copy, { replay: 0, publicKey: keys.publicKey });
    expect({ sound, failed }).toEqual({ sound: false, failed: ['signature'] });
  });

  it('may have other files beside it, which are told', async () => {
    const copy = copyRun(runOf('fixed'));
    writeFileSync(join(copy, 'notes.txt'), 'mine');
    const { sound, of } = await verify(copy, { replay: 0 });
    expect(sound).toBe(true);
    expect(of('files')).toMatchObject({
      status: 'noted',
      detail: "14 files as the manifest states them; notes.txt it doesn't name",
    });
  });

  it('is none where there is no manifest, or a thing that is no file', async () => {
    const copy = copyRun(runOf('fixed'));
    rmSync(join(copy, 'manifest.json'));
    await expect(verify(copy)).rejects.toMatchObject({ code: 'NotFound' });
    symlinkSync('/dev/zero', join(copy, 'manifest.json'));
    await expect(verify(copy)).rejects.toMatchObject({ code: 'NotFound' });
    const endless = copyRun(runOf('fixed'));
    rmSync(join(endless, 'signature.json'));
    symlinkSync('/dev/zero', join(endless, 'signature.json'));
    expect((await verify(endless, { replay: 0 })).of('signature')?.detail).toBe('none');
  });
});

describe('the share that is drawn anew', () => {
  it('is as many examples, the same for one seed and others for another', async () => {
    const drawn = async (replaySeed: string, replay = 0.25) => {
      const { of } = await verify(forged, { replaySeed, replay });
      return [...(of('replay')?.detail ?? '').matchAll(/^\d+ of \d+|(?<=: )\d+ of \d+ rows|example \d+/g)].join(' ');
    };
    // Every row is another's by a sample, so that the first that was drawn is told.
    const forged = await forgeRun(runOf('fixed'), { rows: (rows, plan) => rows.map((row) => nudged(row, plan)) });
    const seeds = ['1', '2', '3', '4', '5', '6'];
    const first = await Promise.all(seeds.map((seed) => drawn(seed)));
    expect(await Promise.all(seeds.map((seed) => drawn(seed)))).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(1);
    for (const told of first) expect(told).toMatch(/^6 of 24 6 of 6 rows example \d+$/);
    expect(await drawn('1', 1)).toBe('24 of 24 24 of 24 rows example 0');
    expect(await drawn('1', 1e-9)).toMatch(/^1 of 24 1 of 1 rows/);
  });

  it('is none with a share of 0, which is noted', async () => {
    const { sound, of } = await verify(runOf('fixed'), { replay: 0 });
    expect(sound).toBe(true);
    expect(of('replay')).toEqual({ name: 'replay', status: 'noted', detail: 'none was asked for' });
    expect(of('arithmetic')).toBeUndefined();
  });
});

describe('an input that is not there', () => {
  it.each(['model', 'dataset'] as const)(
    'fails the check of the %s, with what to do; without replay it is noted',
    async (name) => {
      const inputs = { [name]: join(temporaryFolder(), 'nothing') };
      const asked = await verify(runOf('fixed'), { inputs });
      expect(asked.failed).toEqual([name]);
      expect(asked.of(name)?.detail).toMatch(
        new RegExp(
          `^There is no file .*nothing(, or it is empty)?\\. Name it with --${name}, or skip the replay with --replay 0\\.$`,
        ),
      );
      const skipped = await verify(runOf('fixed'), { inputs, replay: 0 });
      expect(skipped.sound).toBe(true);
      expect(skipped.of(name)).toMatchObject({ status: 'noted' });
    },
  );

  it('fails the rows of features without their dataset: how far each was moved is in no file', async () => {
    const inputs = { dataset: join(temporaryFolder(), 'nothing') };
    expect((await verify(runOf('features'), { inputs, replay: 0 })).failed).toEqual(['certificates']);
    // Another dataset of other length serves no better.
    const { failed, of } = await verify(runOf('features'), { inputs: planOf(runOf('fixed')).request, replay: 0 });
    expect(failed).toEqual(['certificates', 'model', 'dataset', 'replay']);
    expect(of('certificates')?.detail).toContain('--dataset');
  });

  it('lets the rows of PREDICT be recomputed, which no distance touches', async () => {
    const { folder } = await smallRun('features', temporaryFolder(), { mode: 'predict', limit: 2 });
    const inputs = { dataset: join(temporaryFolder(), 'nothing') };
    const { sound, of } = await verify(folder, { inputs, replay: 0 });
    expect(sound).toBe(true);
    expect(of('certificates')).toMatchObject({ status: 'passed' });
  });
});

describe('where the seed comes from', () => {
  it('is proved by a challenge: the right text passes, another fails, and so does a run without one', async () => {
    const { folder } = await smallRun('fixed', temporaryFolder(), { challenge: 'tell me', limit: 3 });
    expect((await verify(folder, { challenge: 'tell me' })).of('seed')).toMatchObject({ status: 'passed' });
    expect((await verify(folder)).of('seed')).toMatchObject({ status: 'passed' });
    const other = await verify(folder, { challenge: 'tell me more' });
    expect(other.failed).toEqual(['seed']);
    expect(other.of('seed')?.detail).toBe('the run answers another challenge: "tell me"');
    expect((await verify(runOf('fixed'), { challenge: 'tell me', replay: 0 })).failed).toEqual(['seed']);
    const reseeded = await forgeRun(folder, {
      plan: (plan) => ({ ...plan, claim: { ...plan.claim, seed: 'f'.repeat(64) } }),
    });
    expect((await verify(reseeded, { replay: 0 })).failed).toEqual(['seed']);
  });

  it('is told where it was chosen by hand, and no hand-made seed passes for a drawn one', async () => {
    const { folder } = await smallRun('fixed', temporaryFolder(), { seed: 'my lucky one', limit: 3 });
    const { sound, of } = await verify(folder);
    expect(sound).toBe(true);
    expect(of('seed')).toMatchObject({ status: 'noted', detail: expect.stringMatching(/^chosen by hand/) as string });
    const drawn = (plan: Plan): Plan => ({ ...plan, seed: { source: 'random' } });
    expect((await verify(await forgeRun(folder, { plan: drawn }), { replay: 0 })).failed).toEqual(['seed']);
    const seed = '0123456789abcdef'.repeat(2);
    const alike = (plan: Plan) =>
      drawn({ ...plan, request: { ...plan.request, seed }, claim: { ...plan.claim, seed } });
    expect((await verify(await forgeRun(folder, { plan: alike }), { replay: 0 })).of('seed')).toMatchObject({
      status: 'failed',
      detail: 'it isn\'t from where the request asks: seed.source is "random" there and "given" here',
    });
    const unasked = await forgeRun(folder, {
      plan: (plan) => ({ ...drawn(plan), request: { ...plan.request, seed: undefined } }),
    });
    expect((await verify(unasked, { replay: 0 })).of('seed')).toMatchObject({
      status: 'failed',
      detail: 'said to be drawn at random, and no such seed is ever drawn',
    });
    const other = await forgeRun(folder, { plan: (plan) => ({ ...plan, claim: { ...plan.claim, seed: 'another' } }) });
    expect((await verify(other, { replay: 0 })).failed).toEqual(['seed']);
  });

  it('can’t be told of a seed that is said to be drawn, and isn’t claimed: one that was shopped for is noted alike', async () => {
    const shopped = await forgeRun(runOf('fixed'), {
      plan: (plan) => ({ ...plan, claim: { ...plan.claim, seed: '0123456789abcdef'.repeat(2) } }),
      rows: (_, plan) => redraw(plan),
    });
    const { sound, of } = await verify(shopped);
    expect(sound).toBe(true);
    expect(of('seed')).toEqual((await verify(runOf('fixed'), { replay: 0 })).of('seed'));
    expect(of('seed')).toMatchObject({
      status: 'noted',
      detail: 'said to be drawn at random; a challenge would prove it',
    });
  });
});

describe('a run of other arithmetic', () => {
  const probe = { runtime: 'onnxruntime-node 0.0.0', probe: 'e'.repeat(64) };
  const elsewhere = (mode: Mode, change: (row: Row, plan: Plan) => Row = (row) => row) =>
    forgeRun(runOf(mode), {
      plan: (plan) => ({ ...plan, claim: { ...plan.claim, arithmetic: { ...plan.claim.arithmetic, ...probe } } }),
      rows: async (_, plan) => (await redraw(plan)).map((row) => change(row, plan)),
    });

  it('is noted, and verifies where its counts are these', async () => {
    const { sound, of } = await verify(await elsewhere('fixed'));
    expect(sound).toBe(true);
    expect(of('arithmetic')).toMatchObject({
      status: 'noted',
      detail: expect.stringContaining("rounds otherwise than the run's onnxruntime-node 0.0.0") as string,
    });
    expect(of('replay')).toMatchObject({ status: 'passed' });
  });

  it.each(['fixed', 'predict'] as const)('has its differences told where they are small: %s', async (mode) => {
    const folder = await elsewhere(mode, (row, plan) => (row.index === 3 ? nudged(row, plan) : row));
    const { sound, of } = await verify(folder);
    expect(sound).toBe(true);
    expect(of('replay')).toMatchObject({
      status: 'noted',
      detail: expect.stringMatching(
        /: 1 of 24 rows come out otherwise: example 3 has \d+ of 300 for class \d, here \d+ of 300 for class \d; shares differ by 0\.0033 at most$/,
      ) as string,
    });
  });

  it.each([
    ['fixed', 4],
    ['fixed', 30],
    ['predict', 4],
  ] as const)('fails where they are larger: %s, %i samples of 300', async (mode, by) => {
    const folder = await elsewhere(mode, (row, plan) => (row.index === 3 ? nudged(row, plan, by) : row));
    const { failed, of } = await verify(folder);
    expect(failed).toEqual(['replay']);
    expect(of('replay')?.detail).toContain('more than rounding explains');
    const close = await elsewhere(mode, (row, plan) => (row.index === 3 ? nudged(row, plan, 3) : row));
    expect((await verify(close)).sound).toBe(true);
  });

  it('fails where another class is certified, though its counts are the same', async () => {
    const folder = await elsewhere('fixed', (row, plan) =>
      row.index === 4
        ? remade(plan, { ...(row as Certificate), selected: (((row as Certificate).selected ?? 0) + 1) % 3 })
        : row,
    );
    expect((await verify(folder)).failed).toEqual(['replay']);
  });

  it('fails where an example is certified that is skipped here', async () => {
    const rows = rowsOf(runOf('sequential'), planOf(runOf('sequential'))) as Certificate[];
    const like = rows.find(({ status }) => status === 'certified');
    const skipped = rows.find(({ status }) => status === 'skipped')?.index ?? -1;
    const folder = await elsewhere('sequential', (row, plan) => {
      const { index, label } = row;
      return index === skipped ? remade(plan, { ...(like as Certificate), index, label, selected: label }) : row;
    });
    const { failed, of } = await verify(folder);
    expect(failed).toEqual(['replay']);
    expect(of('replay')?.detail).toContain('here no count (skipped)');
  });

  it('fails where every difference is in its favour, however small', async () => {
    const more = (row: Row, { claim }: Plan) => {
      const counts = { count: row.count + 1, runnerUpCount: row.runnerUpCount - 1 };
      return remakeRow({ claim, row: { ...row, ...counts }, moved: 0 }) ?? row;
    };
    const { failed, of } = await verify(await elsewhere('fixed', more));
    expect(failed).toEqual(['replay']);
    expect(of('replay')?.detail).toMatch(/in the run's favour in (\d\d) of \1, more than rounding explains$/);
    const fewer = (row: Row, plan: Plan) => (row.index < 6 ? nudged(row, plan, -1) : more(row, plan));
    expect((await verify(await elsewhere('fixed', fewer))).of('replay')).toMatchObject({ status: 'noted' });
  });
});

/** A row as it would be with some more samples of its class, or with fewer where that can't be; made anew throughout. */
function nudged(row: Row, plan: Plan, by = 1): Row {
  const more = { ...row, count: row.count + by, runnerUpCount: row.runnerUpCount - by };
  const fewer = { ...row, count: row.count - by, runnerUpCount: row.runnerUpCount + by };
  return remakeRow({ claim: plan.claim, row: more, moved: 0 }) ?? remade(plan, fewer);
}

function remade({ claim }: Plan, row: Row): Row {
  const made = remakeRow({ claim, row, moved: 0 });
  if (made === undefined) throw new Error(`No row can be made of ${JSON.stringify(row)}.`);
  return made;
}
