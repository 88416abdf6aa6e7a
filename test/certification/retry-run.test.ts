import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { certifyShards } from '../../certification/certify-shards.ts';
import { draftClaim } from '../../certification/draft-claim.ts';
import { latestGeneration } from '../../certification/generations.ts';
import { listFailures } from '../../certification/list-failures.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { planRetry } from '../../certification/plan-retry.ts';
import { planRun, requirePlan } from '../../certification/plan-run.ts';
import { publishRun } from '../../certification/publish-run.ts';
import { putRows } from '../../certification/put-rows.ts';
import { readRows } from '../../certification/read-rows.ts';
import { readSummary } from '../../certification/read-summary.ts';
import type { RequestInput } from '../../certification/records/request.ts';
import { retryRun } from '../../certification/retry-run.ts';
import { createSampler, type Sampler } from '../../certification/sampler.ts';
import { signRun } from '../../certification/sign-run.ts';
import { newKeyPair } from '../../certification/signing/new-key-pair.ts';
import { openStore } from '../../certification/storage/open-store.ts';
import { poisoned, unreading } from '../support/failing-sampler.ts';
import { resultBytes, runLocally } from '../support/run-locally.ts';
import { createVerifier } from '../support/small-runs.ts';
import { stubRequest } from '../support/stub-request.ts';
import { metrics } from '../support/synthetic-run.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const run = 'partial';
/** In shards of 4: example 9 is of shard 2, and shard 5 has examples 20 to 23. */
const EXAMPLES = 40;
const POISON = 9;
const UNREAD = [20, 21, 22, 23];

const sampler = createSampler({ processes: 1 });
const { verify, close } = createVerifier();
afterAll(async () => {
  await Promise.all([sampler.close(), close()]);
});

const request = (out: string, more: Partial<RequestInput> = {}) =>
  stubRequest({
    stub: { examples: EXAMPLES },
    shardSize: 4,
    seed: 'retried',
    maxFailedShare: 0.2,
    out,
    run,
    ...more,
  });

/** A sampler that dies of some examples and can't read others. */
function failing({ poison = [POISON], unread = UNREAD } = {}): Sampler {
  const dies = poisoned(
    sampler,
    (example) => poison.includes(example),
    () => {
      throw new PerimeterError('ModelProcessFailed', 'the model process ended');
    },
  );
  return unreading(dies, (example) => unread.includes(example), 'a bad disk');
}

/** Draws a run, or its failed examples again, with a sampler that fails. */
async function draw(out: string, by: Sampler, more: Partial<RequestInput> = {}) {
  const store = openStore(out);
  const asked = request(out, more);
  const draft = await draftClaim(sampler, asked);
  const plan = await planRun({ store, request: asked, run, draft, now: new Date(0) });
  const shards = Array.from({ length: plan.execution.shards }, (_, shard) => shard);
  const cost = await certifyShards({ sampler: by, store, plan, shards, examples: EXAMPLES });
  return {
    store,
    plan,
    cost,
    publish: () => publishRun({ store, plan, maxFailedShare: asked.maxFailedShare, metrics }),
  };
}

async function drawAgain(out: string, by: Sampler) {
  const store = openStore(out);
  const { plan, generation, shards, examples } = await planRetry(store, run);
  await certifyShards({ sampler: by, store, plan, generation, shards, examples });
  return { generation, publish: () => publishRun({ store, plan, generation, maxFailedShare: 1, metrics }) };
}

async function retryWith(out: string, by: Sampler) {
  return (await drawAgain(out, by)).publish();
}

/** Every file of the run, with its bytes. */
function filesOf(out: string): Map<string, string> {
  const folder = join(out, 'runs', run);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), readFileSync(path).toString('base64')];
    }),
  );
}

const modes: [string, Partial<RequestInput>][] = [
  ['fixed', {}],
  ['sequential', { radii: [0, 0.25], n: 500 }],
  ['predict', { mode: 'predict' }],
];

describe('a run that finished with failed examples', () => {
  it.each(modes)('is completed by a retry, with the bytes of one in which none failed: %s', async (_, more) => {
    const out = temporaryFolder();
    const { store, plan, publish } = await draw(out, failing(), more);
    expect((await publish()).summary).toMatchObject({ examples: EXAMPLES, failed: 5 });
    const before = filesOf(out);
    const told: [number, number][] = [];
    const retried = await retryRun({
      out,
      run,
      processes: 1,
      onProgress: ({ examples, of }) => told.push([Math.floor(examples), of]),
    });
    expect(retried).toMatchObject({ run, generation: 2, summary: { examples: EXAMPLES, failed: 0 } });
    expect(told.at(-1)?.[1]).toBe(5);

    const whole = await runLocally(request(temporaryFolder(), more));
    const results = join(out, 'runs', run, 'generations/2');
    const table = more.mode === 'predict' ? 'predictions.parquet' : 'certificates.parquet';
    for (const file of [table, 'summary.json']) {
      expect(readFileSync(join(results, file)).equals(readFileSync(join(whole.folder, file))), file).toBe(true);
    }
    // Not a byte of the first generation changed, and only shards with failed examples have a second one.
    const after = filesOf(out);
    for (const [file, bytes] of before) expect(after.get(file), file).toBe(bytes);
    expect([...after.keys()].filter((file) => /generations.*shards/.test(file))).toEqual([
      'generations/2/shards/00002.jsonl',
      'generations/2/shards/00005.jsonl',
    ]);
    expect(await listFailures(store, plan)).toEqual([]);
    expect(await latestGeneration(store, run)).toBe(2);
    expect((await readSummary(store, run)).summary.failed).toBe(0);
  });

  it('draws nothing but the failed examples', async () => {
    const out = temporaryFolder();
    const { plan, publish } = await draw(out, failing());
    await publish();
    await retryRun({ out, run, processes: 1 });
    const { samplesDrawn } = JSON.parse(readFileSync(join(out, 'runs', run, 'generations/2/metrics.json'), 'utf8')) as {
      samplesDrawn: number;
    };
    const { sampling } = plan.claim;
    expect(samplesDrawn).toBe(5 * (sampling.n + ('n0' in sampling ? sampling.n0 : 0)));
  });

  it('says what failed and why, so far', async () => {
    const out = temporaryFolder();
    const { store, plan, publish } = await draw(out, failing());
    const expected = [
      { kind: 'example', shard: 2, example: 9, reason: 'its sampler died 3 times in a row while drawing it' },
      {
        kind: 'shard',
        shard: 5,
        firstExample: 20,
        lastExample: 23,
        reason: expect.stringContaining('a bad disk') as string,
      },
    ];
    expect(await listFailures(store, plan)).toEqual(expected);
    await publish();
    // Its rows are there now, each with the shard's reason.
    expect((await listFailures(store, plan)).map((failure) => 'example' in failure && failure.example)).toEqual([
      9,
      ...UNREAD,
    ]);
  });

  it('stays as it was where everything fails again', async () => {
    const out = temporaryFolder();
    const { publish } = await draw(out, failing());
    await publish();
    const before = filesOf(out);
    expect(await retryWith(out, failing())).toMatchObject({ generation: 1, summary: { failed: 5 } });
    expect(filesOf(out)).toEqual(before);
  });

  it('is completed in several generations where each mends a part', async () => {
    const out = temporaryFolder();
    const { store, plan, publish } = await draw(out, failing());
    await publish();
    expect(await retryWith(out, failing({ poison: [], unread: [22] }))).toMatchObject({
      generation: 2,
      summary: { failed: 4 },
    });
    expect(await retryWith(out, failing({ poison: [22], unread: [] }))).toMatchObject({
      generation: 3,
      summary: { failed: 1 },
    });
    expect(await listFailures(store, plan)).toMatchObject([{ kind: 'example', example: 22 }]);
    expect(await retryWith(out, sampler)).toMatchObject({ generation: 4, summary: { failed: 0 } });
    const whole = await runLocally(request(temporaryFolder()));
    expect(resultBytes(join(out, 'runs', run, 'generations/4'))).toEqual(resultBytes(whole.folder));
    for (const generation of [undefined, 1, 2, 3, 4]) {
      const { failed } = await verify(join(out, 'runs', run), { generation });
      // A stub certifies nothing; all else holds.
      expect(failed, `generation ${generation ?? 'newest'}`).toEqual(['model']);
    }
    await expect(retryRun({ out, run })).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: `No example of run ${run} has failed: there is nothing to try again.`,
    });
  });

  it('has in each generation what that one drew, whatever came later', async () => {
    const out = temporaryFolder();
    const { publish } = await draw(out, failing());
    await publish();
    const second = await drawAgain(out, failing({ poison: [], unread: [22] }));
    const third = await drawAgain(out, sampler);
    expect([second.generation, third.generation]).toEqual([2, 3]);
    expect(await second.publish()).toMatchObject({ generation: 2, summary: { failed: 4 } });
    expect(await third.publish()).toMatchObject({ generation: 3, summary: { failed: 0 } });
  });

  it('is signed generation by generation', async () => {
    const out = temporaryFolder();
    const { store, publish } = await draw(out, failing());
    await publish();
    const { privateKey, publicKey } = newKeyPair();
    expect((await signRun({ store, run, privateKey })).generation).toBe(1);
    await retryRun({ out, run, processes: 1 });
    const folder = join(out, 'runs', run);
    expect((await verify(folder, { publicKey })).failed).toContain('signature');
    expect((await verify(folder, { publicKey, generation: 1 })).of('signature')?.status).toBe('passed');
    expect(await signRun({ store, run, privateKey })).toMatchObject({
      generation: 2,
      url: expect.stringMatching(/generations\/2\/signature\.json$/) as string,
    });
    expect((await verify(folder, { publicKey })).of('signature')?.status).toBe('passed');
  });
});

describe('a run of which too many examples failed', () => {
  it('is published by a retry in which fewer do, with the bytes of one in which none failed', async () => {
    const out = temporaryFolder();
    const { store, publish } = await draw(out, failing(), { maxFailedShare: 0 });
    await expect(publish()).rejects.toMatchObject({ code: 'TooManyFailures' });
    expect(await latestGeneration(store, run)).toBeUndefined();
    expect(await retryRun({ out, run, processes: 1 })).toMatchObject({ generation: 2, summary: { failed: 0 } });
    const whole = await runLocally(request(temporaryFolder(), { maxFailedShare: 0 }));
    const folder = join(out, 'runs', run);
    expect(resultBytes(join(folder, 'generations/2'))).toEqual(resultBytes(whole.folder));
    const { failed, of } = await verify(folder);
    expect(failed).toEqual(['model']);
    expect(of('generation')).toMatchObject({ status: 'noted', detail: '2, and none was published before it' });
    // Asked for again, the run is that one.
    expect(await runLocally(request(out, { maxFailedShare: 0 }))).toMatchObject({ generation: 2 });
  });

  it('is not published by one in which too many fail again', async () => {
    const out = temporaryFolder();
    await draw(out, failing(), { maxFailedShare: 0 });
    const plan = await requirePlan(openStore(out), run);
    const again = async () => {
      const retry = await planRetry(openStore(out), run);
      await certifyShards({ sampler: failing({ poison: [] }), store: openStore(out), ...retry });
      return publishRun({ store: openStore(out), ...retry, maxFailedShare: 0, metrics });
    };
    await expect(again()).rejects.toMatchObject({ code: 'TooManyFailures' });
    expect(await latestGeneration(openStore(out), run)).toBeUndefined();
    // What came out is not drawn a third time.
    expect(await planRetry(openStore(out), run)).toMatchObject({ generation: 3, shards: [5], examples: 4 });
    expect(await listFailures(openStore(out), plan)).toMatchObject([{ kind: 'shard', shard: 5 }]);
    expect(await retryRun({ out, run, processes: 1 })).toMatchObject({ generation: 3, summary: { failed: 0 } });
    expect((await verify(join(out, 'runs', run))).failed).toEqual(['model']);
  });
});

describe('a retry is refused', () => {
  it('of a run that has shards still to be tried, and of none at all', async () => {
    const out = temporaryFolder();
    const store = openStore(out);
    await expect(retryRun({ out, run })).rejects.toMatchObject({ code: 'NotFound' });
    const asked = request(out);
    const plan = await planRun({
      store,
      request: asked,
      run,
      draft: await draftClaim(sampler, asked),
      now: new Date(0),
    });
    await certifyShards({ sampler, store, plan, shards: [0, 1], examples: 8 });
    await expect(retryRun({ out, run })).rejects.toMatchObject({
      code: 'InvalidRequest',
      message: expect.stringMatching(/isn't at its end: examples 9 to 12 of it were not tried yet/) as string,
    });
  });
});

describe('a second generation is not sound', () => {
  async function retried() {
    const out = temporaryFolder();
    const { publish } = await draw(out, failing());
    await publish();
    await retryRun({ out, run, processes: 1 });
    return join(out, 'runs', run);
  }

  it('where the first is not what it was', async () => {
    const folder = await retried();
    const shard = join(folder, 'shards/00002.jsonl');
    writeFileSync(shard, readFileSync(shard, 'utf8').replace('"failed"', '"abstained"'));
    expect((await verify(folder)).of('generation')).toMatchObject({
      status: 'failed',
      detail: 'shards/00002.jsonl is missing, or not as generation 1 states it',
    });
    const manifest = join(folder, 'manifest.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('"partial"', '"another"'));
    expect((await verify(folder)).failed).toContain('files');
  });

  it('where the row of an example that had not failed is another', async () => {
    const out = temporaryFolder();
    const { store, plan, publish } = await draw(out, failing());
    await publish();
    const rows = (await readRows({ store, plan, failedShards: [] })).slice(8, 12);
    const forged = rows.map((row) => (row.index === 8 ? { ...row, count: row.count - 1 } : row));
    await putRows({ store, plan, shard: 2, generation: 2, rows: forged });
    await publishRun({ store, plan, generation: 2, maxFailedShare: 1, metrics });
    expect((await verify(join(out, 'runs', run))).of('generation')).toMatchObject({
      status: 'failed',
      detail: 'example 8 had not failed in generation 1, and its row is another',
    });
  });

  it('where a shard lies beside it that it does not name', async () => {
    const folder = await retried();
    writeFileSync(join(folder, 'generations/2/shards/00003.jsonl'), readFileSync(join(folder, 'shards/00003.jsonl')));
    expect((await verify(folder)).of('files')).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('generations/2/shards/00003.jsonl is not in the manifest') as string,
    });
  });
});
