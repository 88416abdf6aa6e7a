import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../certification/records/canonical-json.ts';
import { rowLine, type Row } from '../../certification/records/certificate.ts';
import type { Claim } from '../../certification/records/claim.ts';
import { shardPositions, type Plan } from '../../certification/records/plan.ts';
import { runFiles } from '../../certification/records/run-keys.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { checkCertificates } from '../../certification/verification/check-certificates.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { claiming, copyRun, forgeRun, planOf, rowChange, rowsOf, type Forgery } from '../support/forge-run.ts';
import { signedRuns, type Mode } from '../support/small-runs.ts';

const modes = ['fixed', 'sequential', 'predict', 'features'] as const;
const { caught, runOf, verify } = signedRuns(modes);

/** What a row of fixed mode says that failed, but for its reason. */
const nothing = { prediction: null, radius: 0, correct: false, selected: null, n: 0, count: 0, runnerUpCount: 0 };
const failure = { ...nothing, status: 'failed', lowerBound: 0, oneMinusLowerBound: 1 } as const;

/** The examples of the sequential run that were estimated. */
const estimated = () =>
  rowsOf(runOf('sequential'), planOf(runOf('sequential')))
    .filter(({ n }) => n > 0)
    .map(({ index }) => index);

describe('a row that is said to have failed', () => {
  const lenient = (plan: Plan): Plan => ({ ...plan, request: { ...plan.request, maxFailedShare: 1 } });

  it('is told, not replayed, and not one too many', async () => {
    const rows = rowChange(1, () => ({ ...failure, reason: 'its sampler died 3 times in a row while drawing it' }));
    const { sound, of } = await verify(await forgeRun(runOf('fixed'), { rows }));
    expect(sound).toBe(true);
    expect(of('failures')).toMatchObject({
      status: 'noted',
      detail: '1 of 24, not replayed; example 1: its sampler died 3 times in a row while drawing it',
    });
    expect(of('replay')?.detail).toMatch(/^23 of 24 examples/);
    const two = (all: Row[]) => rowChange(7, () => ({ ...failure, reason: 'lost' }))(rows(all));
    expect(await caught('fixed', { rows: two })).toEqual(['certificates']);
  });

  it('is drawn anew where its samples are said to be the reason', async () => {
    const rows = rowChange(1, () => ({ ...failure, reason: 'the model gave NaN for all 20 samples of the selection' }));
    expect(await caught('fixed', { rows })).toEqual(['replay']);
  });

  it('is no replay where all are', async () => {
    const rows = (all: Row[]) => all.map((row) => ({ ...row, ...failure, reason: 'lost' }));
    expect(await caught('fixed', { plan: lenient, rows })).toEqual(['replay']);
  });
});

describe('files that are no records', () => {
  const nonsense = {
    empty: '',
    'no JSON': '{"run": ',
    'an object': '{}\n',
    'no UTF-8': '\u00ff\u00fe',
    deep: '['.repeat(200_000),
    'a proto': '{\n  "__proto__": {\n    "run": "x"\n  }\n}\n',
  };
  const files = {
    'plan.json': ['plan'],
    'commitment.json': ['plan'],
    'shards/00001.jsonl': ['certificates'],
    'summary.json': ['results'],
    'certificates.parquet': ['results'],
  };
  it.each(Object.entries(files))('in place of %s fail, with every digest fitting', async (name, failed) => {
    for (const content of Object.values(nonsense)) {
      const put = { [name]: () => Buffer.from(content, 'latin1') };
      expect(await caught('fixed', { files: put }, { replay: 0 })).toEqual(failed);
    }
  });

  it.each(['manifest.json', 'signature.json'])('in place of %s fail', async (name) => {
    for (const content of Object.values(nonsense)) {
      const copy = copyRun(runOf('fixed'));
      writeFileSync(join(copy, name), Buffer.from(content, 'latin1'));
      const { failed } = await verify(copy, { replay: 0 });
      expect(failed).toEqual(name === 'manifest.json' ? ['signature', 'manifest'] : ['signature']);
    }
  });

  it.each(['plan.json', 'commitment.json'])(
    '%s spelt otherwise fails: another reader might read another',
    async (name) => {
      const twice = (bytes: Buffer) => Buffer.from(bytes.toString().replace('{', '{\n  "run": "other",'));
      const spaced = (bytes: Buffer) => Buffer.concat([bytes, Buffer.from(' ')]);
      for (const change of [twice, spaced]) {
        expect(await caught('fixed', { files: { [name]: change } }, { replay: 0 })).toEqual(['plan']);
      }
    },
  );

  it('a shard spelt otherwise fails', async () => {
    for (const change of [
      (bytes: Buffer) => Buffer.concat([Buffer.from('\u{feff}'), bytes]),
      (bytes: Buffer) => Buffer.from(bytes.toString().replace('{"index":5', '{ "index":5')),
      (bytes: Buffer) => Buffer.from(bytes.toString().replace('{"index":5', '{"radius":9,"index":5')),
      (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('\n')]),
    ]) {
      const failed = await caught('fixed', { files: { 'shards/00001.jsonl': change } }, { replay: 0 });
      expect(failed).toEqual(['certificates']);
    }
  });
});

describe('numbers that no run has', () => {
  it.each([
    ['sigma', (claim: Claim) => ({ noise: { ...claim.noise, sigma: 1e300 } })],
    ['sigma', (claim: Claim) => ({ noise: { ...claim.noise, sigma: -1 } })],
    ['sigma', (claim: Claim) => ({ noise: { ...claim.noise, sigma: 5e-324 } })],
    ['stepsPerUnit', (claim: Claim) => ({ noise: { ...claim.noise, stepsPerUnit: 0 } })],
    ['budget', (claim: Claim) => ({ noise: { ...claim.noise, budget: -0.4 } })],
    ['n', (claim: Claim) => ({ sampling: { ...claim.sampling, n: 2 ** 53 - 1 } })],
    ['alpha', (claim: Claim) => ({ sampling: { ...claim.sampling, alpha: 2 } })],
    ['alpha', (claim: Claim) => ({ sampling: { ...claim.sampling, alpha: 0 } })],
    ['rho', (claim: Claim) => ({ sampling: { ...claim.sampling, rho: -1 } })],
    ['classes', (claim: Claim) => ({ model: { ...claim.model, classes: 2 ** 53 - 1 } })],
    ['shape', (claim: Claim) => ({ model: { ...claim.model, shape: [2 ** 31, 2 ** 31] } })],
    ['shape', (claim: Claim) => ({ model: { ...claim.model, shape: [] } })],
    ['count', (claim: Claim) => ({ dataset: { ...claim.dataset, count: 2 ** 53 - 1 } })],
    ['stride', (claim: Claim) => ({ dataset: { ...claim.dataset, stride: 2 ** 40 } })],
    ['radii', (claim: Claim) => ({ sampling: { ...claim.sampling, radii: [3, 2, 1] } }), 'sequential'],
    ['radii', (claim: Claim) => ({ sampling: { ...claim.sampling, radii: [1e300] } }), 'sequential'],
  ] as const)('fail as %s of the claim: %s', async (_, change, mode: Mode = 'fixed') => {
    const { claim } = planOf(runOf(mode));
    const strided = (rows: Row[], plan: Plan) =>
      rows.map((row, at) => ({ ...row, index: at * plan.claim.dataset.stride }));
    expect(Object.keys(change(claim))).toHaveLength(1);
    expect(await caught(mode, { plan: claiming(change), rows: strided })).not.toEqual([]);
  });

  it.each([
    ['shards', { shards: 2 ** 53 - 1 }],
    ['shardSize', { shardSize: 2 ** 53 - 1 }],
    ['shardSize', { shardSize: 1 }],
  ])('fail as %s of the layout', async (_, execution) => {
    const folder = await forgeRun(runOf('fixed'), {
      files: {
        'plan.json': (bytes) => {
          const plan = JSON.parse(bytes.toString()) as Plan;
          return Buffer.from(
            `${JSON.stringify({ ...plan, execution: { ...plan.execution, ...execution } }, null, 2)}\n`,
          );
        },
      },
    });
    expect((await verify(folder)).failed).toContain('plan');
  });

  it.each(['fixed', 'sequential', 'predict'] as const)('fail in each field of a row: %s', async (mode) => {
    const plan = planOf(runOf(mode));
    const rows = rowsOf(runOf(mode), plan);
    const { index } = rows.find(({ n }) => n > 0) ?? rows[0];
    const check = async (change: object) => {
      const lines = rowChange(index, () => change)(rows).map(rowLine);
      const shards = Array.from({ length: plan.execution.shards }, (_, shard) => {
        const { first, end } = shardPositions(plan, shard);
        return [runFiles.shard(shard), Buffer.from(lines.slice(first, end).join(''))] as const;
      });
      return (
        await checkCertificates({
          plan,
          files: new Map(shards),
          shardKeys: new Map(),
          movedOf: () => Promise.resolve(0),
        })
      ).check;
    };
    expect((await check({})).status).toBe('passed');
    for (const [field, value] of Object.entries(rows[index])) {
      // A label is held against the dataset's.
      for (const wrong of field === 'label' ? ['1', null] : [-1, 2 ** 53 - 1, 1e308, null, '1', true, [], {}]) {
        if (JSON.stringify(wrong) === JSON.stringify(value)) continue;
        expect((await check({ [field]: wrong })).status, `${field}: ${JSON.stringify(wrong)}`).toBe('failed');
      }
    }
    expect((await check({ __proto__: null, extra: 1 })).status).toBe('failed');
  });

  it('fail in a row of which no table can be made', async () => {
    const changes = [
      ['sequential', { label: 2 ** 53 - 1 }],
      ['sequential', { n: 7 }],
      ['fixed', { lowerBound: -1 }],
    ] as const;
    for (const [mode, change] of changes) {
      const failed = await caught(mode, { rows: rowChange(estimated()[0], () => change) }, { replay: 0 });
      expect(failed.filter((name) => name !== 'dataset')).toEqual(['certificates', 'results']);
    }
  });

  it('fail as a shard of more rows than a stack has room for', async () => {
    const count = 150_000;
    const rows = (all: Row[]) => Array.from({ length: count }, (_, index) => ({ ...all[0], ...failure, index }));
    const plan = (before: Plan): Plan => ({
      ...claiming((claim) => ({ dataset: { ...claim.dataset, count, examples: count } }))(before),
      execution: { ...before.execution, shards: 1, shardSize: count },
    });
    expect(await caught('fixed', { plan, rows }, { replay: 0 })).toContain('dataset');
  });
});

describe('a folder that reaches elsewhere', () => {
  it('has no file read outside it, by keys or by links', async () => {
    const outside = join(temporaryFolder(), 'secret');
    writeFileSync(outside, 'x');
    const copy = copyRun(runOf('fixed'));
    const store = openStore(copy);
    const asked: string[] = [];
    const watched = {
      ...store,
      get: (key: string) => {
        asked.push(key);
        return store.get(key);
      },
    };
    const named = [
      '../secret',
      '../../../../../../etc/passwd',
      '/etc/passwd',
      outside,
      'shards/../../x',
      '',
      '.',
      'links/secret',
    ];
    const objects: Forgery['objects'] = (own) => [
      ...own,
      ...[...named, 'link'].map((key) => ({ key, size: 1, sha256: sha256Hex('x') })),
    ];
    const forged = await forgeRun(runOf('fixed'), { objects });
    writeFileSync(join(copy, 'manifest.json'), readFileSync(join(forged, 'manifest.json')));
    symlinkSync(outside, join(copy, 'link'));
    symlinkSync(join(outside, '..'), join(copy, 'links'));
    mkdirSync(join(copy, 'folder'));
    const { failed, of } = await verify(copy, { folder: watched, replay: 0 });
    expect(failed).toContain('files');
    expect(of('files')?.detail).toContain('../secret is missing, or a link, and 8 more');
    expect(asked.filter((key) => named.includes(key) || key === 'link')).toEqual([]);
  });

  it('writes no line of its own on the reviewer’s terminal', async () => {
    const run = 'small\u001b[2K\r\npassed  replay        all equal\u202e\u009b1A';
    const folder = await forgeRun(runOf('fixed'), { plan: (plan) => ({ ...plan, run }) });
    const { checks } = await verify(folder, { replay: 0 });
    for (const { detail } of checks) {
      expect(detail).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      expect(detail.length).toBeLessThan(700);
    }
    expect(checks.find(({ name }) => name === 'manifest')?.detail).toContain('small\\u{1b}[2K\\u{d}\\u{a}passed');
    const long = await forgeRun(runOf('fixed'), { plan: (plan) => ({ ...plan, run: 'x'.repeat(100_000) }) });
    expect((await verify(long, { replay: 0 })).of('manifest')?.detail.length).toBeLessThan(700);
  });
});
