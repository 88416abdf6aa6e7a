import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../certification/records/canonical-json.ts';
import { rowLine, type Certificate, type Row } from '../../certification/records/certificate.ts';
import { lookTable } from '../../certification/look-table.ts';
import { sequentialCertificate } from '../../certification/make-row.ts';
import { sequentialDecisions } from '../../certification/smoothing/sequential-decisions.ts';
import type { Claim, SequentialSampling } from '../../certification/records/claim.ts';
import { type Plan } from '../../certification/records/plan.ts';
import { newKeyPair } from '../../certification/signing/new-key-pair.ts';
import { latticeExample } from '../../certification/lattice-example.ts';
import { loadDataset } from '../../certification/sources.ts';
import { remakeRow } from '../../certification/verification/remake-row.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { claiming, copyRun, forgeRun, planOf, rowChange, rowsOf, type Forgery } from '../support/forge-run.ts';
import { signedRuns, smallModel } from '../support/small-runs.ts';

const modes = ['fixed', 'sequential', 'predict', 'features'] as const;
const { caught, keys, runOf, verify } = signedRuns(modes);

/** The first row of which something can be made when it is changed so, and all in it that follows made anew: another draw tells. */
const fullChange =
  (change: (row: Certificate) => object) =>
  async (rows: Row[], { claim, request }: Plan): Promise<Row[]> => {
    const dataset = await loadDataset(request);
    for (const row of rows) {
      const { moved } = latticeExample(await dataset.read(row.index), claim.noise);
      const changed = { ...row, ...change(row as Certificate) };
      const remade = row.n > 0 ? remakeRow({ claim, row: changed, moved }) : undefined;
      const again = remade && remakeRow({ claim, row: remade, moved });
      if (again !== undefined && rowLine(again) === rowLine(remade ?? row)) {
        return rows.map((each) => (each === row ? again : each));
      }
    }
    throw new Error('No row can be made of this change.');
  };

/** The examples of the sequential run that were estimated. */
const estimated = () =>
  rowsOf(runOf('sequential'), planOf(runOf('sequential')))
    .filter(({ n }) => n > 0)
    .map(({ index }) => index);

/** A sample moved from the class to its runner-up, at the last look in sequential mode. */
const oneFewer = ({ count, runnerUpCount, n, decisions }: Certificate) => ({
  count: count - 1,
  runnerUpCount: runnerUpCount + 1,
  ...(decisions && {
    decisions: decisions.map((decision) => (decision.n === n ? { ...decision, count: count - 1 } : decision)),
  }),
});

describe('a byte flipped', () => {
  const files = ['commitment.json', 'plan.json', 'metrics.json', 'summary.json', 'certificates.parquet'];
  files.push('certificates.tsv', 'curve.svg', 'thumbnails.bin', 'report.html');
  for (let shard = 0; shard < 5; shard++) files.push(`shards/0000${shard}.jsonl`);

  const variants = [
    ['signed, with the key', true, { publicKey: keys.publicKey }],
    ['signed', true, {}],
    ['not signed', false, {}],
  ] as const;

  function flipped(name: string, at: number, signed: boolean, to = (byte: number) => byte ^ 1) {
    const copy = copyRun(runOf('fixed'));
    if (!signed) rmSync(join(copy, 'signature.json'));
    const bytes = readFileSync(join(copy, name));
    const place = Math.min(bytes.length - 1, Math.floor(at * bytes.length));
    bytes[place] = to(bytes[place]);
    writeFileSync(join(copy, name), bytes);
    return copy;
  }

  it('has every file of a run among those flipped here', () => {
    const { objects } = JSON.parse(readFileSync(join(runOf('fixed'), 'manifest.json'), 'utf8')) as {
      objects: { key: string }[];
    };
    expect(objects.map(({ key }) => key).sort()).toEqual([...files].sort());
  });

  it.each(files)('in %s is caught by its digest', async (name) => {
    for (const [at, [, signed, options]] of variants.entries()) {
      const { failed } = await verify(flipped(name, (at + 1) / 4, signed), { ...options, replay: 0 });
      expect(failed[0]).toBe('files');
    }
  });

  it.each(variants)('in manifest.json is caught wherever it is: %s', async (_, signed, options) => {
    const text = readFileSync(join(runOf('fixed'), 'manifest.json'), 'latin1');
    const digits = text.indexOf('"report": "') + '"report": "'.length;
    const places = Array.from({ length: Math.ceil(text.length / 97) }, (_each, step) => 97 * step);
    for (const at of [...places, digits + 5]) {
      const copy = flipped('manifest.json', at / text.length, signed);
      const { failed, of } = await verify(copy, { ...options, replay: 0 });
      // Who made the tables and the page binds nothing: without a signature another digest of it is told, no more.
      const ofReport = at >= digits && at < digits + 64;
      if (signed || !ofReport) expect(failed).not.toEqual([]);
      else expect(of('results')).toMatchObject({ status: 'noted' });
      expect(failed.includes('signature')).toBe(signed);
    }
  });

  it('in the white space of manifest.json is caught by its spelling, and by the signature', async () => {
    const text = readFileSync(join(runOf('fixed'), 'manifest.json'), 'utf8');
    for (const place of [text.indexOf('\n'), text.indexOf(' '), text.lastIndexOf('\n')]) {
      const at = (place + 0.5) / text.length;
      const blank = (byte: number) => (byte === 32 ? 9 : 32);
      expect((await verify(flipped('manifest.json', at, false, blank))).failed).toEqual(['manifest']);
      expect((await verify(flipped('manifest.json', at, true, blank))).failed).toEqual(['signature', 'manifest']);
    }
  });

  it('in each digest of manifest.json is caught by what it is of', async () => {
    const text = readFileSync(join(runOf('fixed'), 'manifest.json'), 'utf8');
    for (const [name, check] of Object.entries({
      request: 'plan',
      model: 'plan',
      dataset: 'plan',
      code: 'plan',
      claim: 'plan',
      run: 'manifest',
    })) {
      const place = text.indexOf(`"${name}": "`, text.indexOf('"digests"')) + `"${name}": "`.length;
      const other = (byte: number) => (byte === 48 ? 49 : 48);
      const copy = flipped('manifest.json', (place + 0.5) / text.length, false, other);
      expect((await verify(copy, { replay: 0 })).failed).toEqual([check]);
    }
  });

  it('in signature.json is caught by it, wherever it is, with a key and without', async () => {
    const { length } = readFileSync(join(runOf('fixed'), 'signature.json'));
    for (let at = 0; at < length; at += 53) {
      const copy = flipped('signature.json', at / length, true);
      for (const options of [{}, { publicKey: keys.publicKey }]) {
        expect((await verify(copy, { ...options, replay: 0 })).failed).toEqual(['signature']);
      }
    }
  });
});

describe('something changed, and every digest made to fit again', () => {
  it.each(modes)('one count alone is caught by recomputing its row: %s', async (mode) => {
    // Where a class is far ahead, PREDICT's p-value is the noise budget alone, whatever the count.
    const all = rowsOf(runOf(mode), planOf(runOf(mode)));
    const close = all.find(({ count, n }) => n > 0 && (mode !== 'predict' || count < 0.7 * n))?.index ?? -1;
    const rows = rowChange(close, ({ count, runnerUpCount }) => ({
      count: count - 1,
      runnerUpCount: runnerUpCount + 1,
    }));
    expect(await caught(mode, { rows }, { replay: 0 })).toEqual(['certificates']);
  });

  it.each(modes)('one count with all that follows from it is caught by the replay: %s', async (mode) => {
    const rows = fullChange(oneFewer);
    expect(await caught(mode, { rows })).toEqual(['replay']);
    expect(await caught(mode, { rows }, { replay: 0 })).toEqual([]);
  });

  it('one count with all that follows from it is caught by the signature, without replay', async () => {
    const rows = fullChange(oneFewer);
    const options = { replay: 0, publicKey: keys.publicKey };
    expect(await caught('fixed', { rows }, options)).toEqual(['signature']);
    expect(await caught('fixed', { rows, signature: 'kept' }, { replay: 0 })).toEqual(['signature']);
    const signature = { privateKey: newKeyPair().privateKey };
    expect(await caught('fixed', { rows, signature }, options)).toEqual(['signature']);
    expect(await caught('fixed', { rows, signature }, { replay: 0 })).toEqual([]);
  });

  it.each(['fixed', 'sequential', 'features'] as const)(
    'one radius is caught by recomputing its row: %s',
    async (mode) => {
      const rows = rowChange(2, ({ radius }) => ({ radius: radius + 1e-12 }));
      expect(await caught(mode, { rows }, { replay: 0 })).toEqual(['certificates']);
    },
  );

  it.each(modes)('one label with all that follows from it is caught by the dataset’s labels: %s', async (mode) => {
    // In sequential mode an example that was skipped stays so with another label, as long as it isn't the guess.
    const rows = (all: Row[]) => {
      const row = all.find((each) => mode !== 'sequential' || each.status === 'skipped');
      const other = [0, 1, 2].find((label) => label !== row?.label && label !== (row as Certificate).selected);
      return all.map((each) =>
        each === row ? { ...each, label: other ?? -1, correct: each.prediction === other } : each,
      );
    };
    expect(await caught(mode, { rows }, { replay: 0 })).toEqual(['dataset']);
  });

  it('one decision’s look is caught by recomputing its row', async () => {
    const [index] = estimated();
    const rows = rowChange(index, ({ decisions = [] }) => ({
      decisions: decisions.map((decision, at) => (at === 0 ? { ...decision, look: decision.look + 1 } : decision)),
    }));
    expect(await caught('sequential', { rows }, { replay: 0 })).toEqual(['certificates']);
  });

  it('the seed is caught by the replay', async () => {
    const plan = claiming(() => ({ seed: '0123456789abcdef'.repeat(2) }));
    expect(await caught('fixed', { plan })).toEqual(['replay']);
  });

  it('the model, by one weight, is caught by its digest', async () => {
    const model = join(temporaryFolder(), 'model.onnx');
    writeFileSync(model, smallModel({ nudge: 1e-6 }));
    const { failed } = await verify(runOf('fixed'), { inputs: { model } });
    expect(failed).toEqual(['model', 'replay']);
  });

  it('the dataset, by one pixel, is caught by its digest', async () => {
    const dataset = join(temporaryFolder(), 'images.idx');
    const bytes = readFileSync(planOf(runOf('fixed')).request.dataset);
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(dataset, bytes);
    const { failed } = await verify(runOf('fixed'), { inputs: { dataset } });
    expect(failed).toEqual(['dataset', 'replay']);
  });

  it('a certificate moved to another model is caught by the model, and with that model by the replay', async () => {
    const bytes = smallModel({ nudge: 1e-6 });
    const model = join(temporaryFolder(), 'model.onnx');
    writeFileSync(model, bytes);
    const plan = claiming((claim) => ({ model: { ...claim.model, sha256: sha256Hex(bytes) } }));
    expect(await caught('fixed', { plan })).toEqual(['model', 'replay']);
    expect(await caught('fixed', { plan }, { inputs: { model } })).toEqual(['replay']);
  });

  it.each([
    ['summary.json', 'a figure', (text: string) => text.replace(/"certified": \d+/, '"certified": 99')],
    ['certificates.tsv', 'a radius', (text: string) => text.replace(/\t0\.(\d)/, '\t1.$1')],
    ['report.html', 'a word', (text: string) => text.replace('<title>', '<title>Best of all: ')],
    ['curve.svg', 'a line', (text: string) => text.replace('</svg>', '<g/></svg>')],
  ])('%s, by %s, is caught by making it anew', async (name, _, change) => {
    const files = { [name]: (bytes: Buffer) => Buffer.from(change(bytes.toString())) };
    expect(await caught('fixed', { files }, { replay: 0 })).toEqual(['results']);
  });

  it('a picture is caught by the dataset, and one of another example by the rows', async () => {
    const change = (by: (bytes: Buffer) => Buffer) => ({ files: { 'thumbnails.bin': by } });
    const pixel = change((bytes) => {
      bytes[bytes.length - 1] ^= 1;
      return bytes;
    });
    // The page is made of the pictures, so that it is another too.
    expect(await caught('fixed', pixel, { replay: 0 })).toEqual(['results', 'thumbnails']);
    const nothing = join(temporaryFolder(), 'nothing');
    const other = change((bytes) => Buffer.from(bytes.toString('latin1').replace(/\[(\d+),(\d+)/, '[$2,$1'), 'latin1'));
    const { failed, of } = await verify(await forgeRun(runOf('fixed'), other), {
      replay: 0,
      inputs: { dataset: nothing },
    });
    expect(failed).toEqual(['results']);
    expect(of('results')?.detail).toContain('thumbnails.bin lacks example');
    for (const by of [(bytes: Buffer) => bytes.subarray(0, -1), () => Buffer.from('{}'), null]) {
      const without = await forgeRun(runOf('fixed'), { files: { 'thumbnails.bin': by } });
      expect((await verify(without, { replay: 0, inputs: { dataset: nothing } })).failed).toEqual(['results']);
    }
  });

  it.each(['certificates.parquet', 'predictions.parquet'])('%s is caught by making it anew', async (name) => {
    const mode = name.startsWith('p') ? 'predict' : 'fixed';
    const files = { [name]: (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc(1)]) };
    expect(await caught(mode, { files }, { replay: 0 })).toEqual(['results']);
  });

  it.each([
    ['alpha', (claim: Claim) => ({ sampling: { ...claim.sampling, alpha: 0.01 } })],
    ['n0', (claim: Claim) => ({ sampling: { ...claim.sampling, n0: 1 } })],
    ['the number of examples', (claim: Claim) => ({ dataset: { ...claim.dataset, examples: 100 } })],
    ['threads', (claim: Claim) => ({ arithmetic: { ...claim.arithmetic, threads: 1e9 } })],
    ['the batch', (claim: Claim) => ({ arithmetic: { ...claim.arithmetic, batchSize: 1e9 } })],
    ['normalisation', (claim: Claim) => ({ model: { ...claim.model, normalisation: { mean: [0], std: [2] } } })],
  ])('%s in the claim alone is caught by the request, and nothing is drawn', async (_, change) => {
    const { failed, of } = await verify(
      await forgeRun(runOf('fixed'), {
        plan: claiming(change),
        rows: (rows, { claim }) => rows.map((row) => remakeRow({ claim, row, moved: 0 }) ?? row),
      }),
    );
    expect(failed).toContain('claim');
    expect(of('replay')).toMatchObject({ status: 'failed', detail: "not begun: the claim isn't the request's" });
  });

  it('alpha in claim and request alike is caught by the replay, whose noise is another claim’s', async () => {
    const plan = (before: Plan): Plan => {
      const after = claiming((claim) => ({ sampling: { ...claim.sampling, alpha: 0.01 } }))(before);
      return { ...after, request: { ...after.request, alpha: 0.01 } };
    };
    const rows = (all: Row[], { claim }: Plan) => all.map((row) => remakeRow({ claim, row, moved: 0 }) ?? row);
    expect(await caught('fixed', { plan, rows })).toEqual(['replay']);
  });

  it('the noise budget is caught by the noise’s own, without model or dataset', async () => {
    const plan = claiming((claim) => ({ noise: { ...claim.noise, budget: 0 } }));
    const rows = (all: Row[], { claim }: Plan) => all.map((row) => remakeRow({ claim, row, moved: 0 }) ?? row);
    const nothing = join(temporaryFolder(), 'nothing');
    const inputs = { model: nothing, dataset: nothing };
    expect(await caught('fixed', { plan, rows }, { inputs, replay: 0 })).toEqual(['noise']);
  });

  it('the commitment is caught by the plan', async () => {
    const files = {
      'commitment.json': (bytes: Buffer) =>
        Buffer.from(bytes.toString().replace(/"seedlessClaim": "./, '"seedlessClaim": "g')),
    };
    expect(await caught('fixed', { files }, { replay: 0 })).toEqual(['plan']);
  });
});

describe('a run that another version of the report published', () => {
  const report = '0'.repeat(64);
  const edited = (text: string) => (bytes: Buffer) => Buffer.from(bytes.toString().replace('<title>', text));

  it('has a page that isn’t compared, which is told, and verifies else', async () => {
    const forged = await forgeRun(runOf('fixed'), { report, files: { 'report.html': edited('<title>Old: ') } });
    const { sound, of } = await verify(forged, { replay: 0 });
    expect(sound).toBe(true);
    expect(of('results')).toMatchObject({
      status: 'noted',
      detail:
        'summary.json is what the rows make; published by another version of the report, so not compared: report.html',
    });
  });

  it('may be of before pages had pictures, and manifests the report’s digest', async () => {
    const manifest = (folder: string) => join(folder, 'manifest.json');
    const forged = await forgeRun(runOf('fixed'), { report, files: { 'thumbnails.bin': null } });
    const text = readFileSync(manifest(forged), 'utf8').replace(/\n *"report": "0+",/, '');
    expect(text).not.toContain('"report":');
    writeFileSync(manifest(forged), text);
    const { failed, of } = await verify(forged, { replay: 0 });
    expect(failed).toEqual([]);
    expect(of('results')).toMatchObject({ status: 'noted' });
    // One that lacks them though it is this version's is caught.
    const own = await forgeRun(runOf('fixed'), { files: { 'thumbnails.bin': null } });
    expect((await verify(own, { replay: 0 })).failed).toEqual(['results']);
  });

  it('is caught with another figure in its summary, whatever it says of the report', async () => {
    const files = {
      'summary.json': (bytes: Buffer) => Buffer.from(bytes.toString().replace(/"certified": \d+/, '"certified": 99')),
    };
    const { failed, of } = await verify(await forgeRun(runOf('fixed'), { report, files }), { replay: 0 });
    expect(failed).toEqual(['results']);
    expect(of('results')?.detail).toBe('summary.json: not what the rows make');
  });

  it.each(['fixed', 'predict'] as const)('may have left the same bytes as this one: %s', async (mode) => {
    const { sound, of } = await verify(await forgeRun(runOf(mode), { report }), { replay: 0 });
    expect(sound).toBe(true);
    expect(of('results')).toMatchObject({
      status: 'noted',
      detail: expect.stringMatching(/the same bytes, though published by another version of the report$/) as string,
    });
  });
});

describe('what belongs to a run', () => {
  it('is its own signature: another run’s by the same key is caught', async () => {
    const copy = copyRun(runOf('fixed'));
    writeFileSync(join(copy, 'signature.json'), readFileSync(join(runOf('predict'), 'signature.json')));
    for (const options of [{}, { publicKey: keys.publicKey }]) {
      expect((await verify(copy, { ...options, replay: 0 })).failed).toEqual(['signature']);
    }
  });

  it('is its shards in order: two swapped are caught by their digests, and by their rows', async () => {
    const copy = copyRun(runOf('fixed'));
    const shard = (at: number) => join(copy, 'shards', `0000${at}.jsonl`);
    renameSync(shard(0), join(copy, 'aside'));
    renameSync(shard(1), shard(0));
    renameSync(join(copy, 'aside'), shard(1));
    expect((await verify(copy, { replay: 0 })).failed).toContain('files');
    const swapped = await forgeRun(runOf('fixed'), {
      rows: (rows) => [...rows.slice(5, 10), ...rows.slice(0, 5), ...rows.slice(10)],
    });
    const { failed, of } = await verify(swapped);
    expect(failed).toEqual(['certificates', 'replay']);
    expect(of('certificates')?.detail).toBe('shards/00000.jsonl, line 1, is not the row of example 0.');
  });

  it('is each row in its place: two swapped are caught by their rows', async () => {
    const rows = ([first, second, ...rest]: Row[]) => [second, first, ...rest];
    expect(await caught('fixed', { rows }, { replay: 0 })).toEqual(['certificates']);
    // With their indices swapped too, by the labels and the replay.
    const passedOff = (all: Row[]) => rows(all).map((row, index) => ({ ...row, index }));
    expect(await caught('fixed', { rows: passedOff })).toEqual(['dataset', 'replay']);
  });

  it('is all of its shards: one removed is caught by the files, and without its name in the manifest by the plan', async () => {
    const copy = copyRun(runOf('fixed'));
    rmSync(join(copy, 'shards', '00004.jsonl'));
    expect((await verify(copy, { replay: 0 })).failed).toContain('files');
    expect(await caught('fixed', { files: { 'shards/00004.jsonl': null } })).toEqual([
      'plan',
      'certificates',
      'replay',
    ]);
  });

  it('is no shard more: an extra one is caught by the files, and named in the manifest by the plan', async () => {
    const extra = { 'shards/00005.jsonl': () => readFileSync(join(runOf('fixed'), 'shards', '00000.jsonl')) };
    expect(await caught('fixed', { files: extra }, { replay: 0 })).toEqual(['files']);
    const objects: Forgery['objects'] = (own) => [...own, { ...own[2], key: 'shards/00005.jsonl' }];
    expect(await caught('fixed', { files: extra, objects }, { replay: 0 })).toEqual(['plan', 'results']);
  });

  it('is what a run leaves: a file more or less in the manifest is caught by the results', async () => {
    const files = { 'best.json': () => Buffer.from('{}') };
    const named = { key: 'best.json', size: 2, sha256: sha256Hex('{}') };
    expect(await caught('fixed', { files, objects: (own) => [...own, named] }, { replay: 0 })).toEqual(['results']);
    expect(await caught('fixed', { files: { 'metrics.json': null } }, { replay: 0 })).toEqual(['results']);
    expect(await caught('fixed', { objects: (own) => [...own, own[0]] }, { replay: 0 })).toEqual(['results']);
  });
});

describe('counts that no samples give are caught without replay', () => {
  it.each([
    ['more than there are samples', 'fixed', { count: 300, runnerUpCount: 1 }],
    ['too few for the runner-up to be the next', 'fixed', { count: 200, runnerUpCount: 1 }],
    ['more than there are samples', 'predict', { count: 3000, runnerUpCount: 0 }],
    ['too few for the runner-up to be the next', 'predict', { count: 200, runnerUpCount: 1 }],
    ['of no class', 'fixed', { selected: -1, prediction: -1, correct: false }],
    ['of no class', 'predict', { top: 3, prediction: 3, correct: false }],
    ['of no class', 'predict', { top: -1, prediction: -1, correct: false }],
  ] as const)('%s: %s', async (_, mode, change) => {
    const rows = (all: Row[], plan: Plan) => {
      const changed = rowChange(2, () => change)(all);
      // The row says of these counts what the statistics say of them.
      const roomy = { ...plan.claim, model: { ...plan.claim.model, classes: 1e6 } };
      return changed.map((row) => (row.index === 2 ? (remakeRow({ claim: roomy, row, moved: 0 }) ?? row) : row));
    };
    const { failed, of } = await verify(await forgeRun(runOf(mode), { rows }), { replay: 0 });
    expect(failed[0]).toBe('certificates');
    expect(of('certificates')?.detail).toContain('example 2 has counts that no samples give');
  });

  it.each([
    ['more than all samples', (n: number) => [n + 1]],
    ['more at a look than at the next', (n: number) => [n, n - 1]],
    ['more between two looks than there are samples', (n: number, more: number) => [n >> 1, (n >> 1) + more + 1]],
  ])('%s', async (_, seen) => {
    const { claim } = planOf(runOf('sequential'));
    const sampling = claim.sampling as SequentialSampling;
    const [index] = estimated();
    const table = lookTable(claim, sampling, 0);
    const pairs = table.looks.flatMap((n, at) =>
      table.looks.slice(at + 1).map((later, more) => ({ n, later, look: at + 1, next: at + 2 + more })),
    );
    const rows = (all: Row[]) =>
      all.map((row) => {
        if (row.index !== index) return row;
        for (const { n, later, look, next } of pairs) {
          const counts = seen(n, later - n);
          const looks = counts.map((count, at) => ({ look: [look, next][at], count }));
          const then = counts[1] ?? later;
          const decisions = sequentialDecisions(table, looks);
          const decisive = new Set(decisions.map((each) => each.look)).size;
          if (then > later || decisions.length < 3 || decisive < looks.length) continue;
          const selected = row.label;
          const example = { ...row, moved: 0 };
          return sequentialCertificate({ claim, sampling, example, selected, looks, runnerUpCount: later - then });
        }
        throw new Error('No looks decide so.');
      });
    const { of } = await verify(await forgeRun(runOf('sequential'), { rows }), { replay: 0 });
    expect(of('certificates')).toMatchObject({
      status: 'failed',
      detail: `example ${index} has counts that no samples give`,
    });
  });

  it('fewer decisions than radii', async () => {
    const { claim } = planOf(runOf('sequential'));
    const sampling = claim.sampling as SequentialSampling;
    const table = lookTable(claim, sampling, 0);
    const n = table.looks[1];
    const decided = (count: number) => sequentialDecisions(table, [{ look: 2, count }]).length;
    const partly = Array.from({ length: n }, (_, count) => count).filter((count) => decided(count) === 2);
    const [index] = estimated();
    const rows = (all: Row[]) =>
      all.map((row) => {
        const looks = [{ look: 2, count: partly[0] }];
        const made = { claim, sampling, example: { ...row, moved: 0 }, selected: row.label, looks };
        return row.index === index ? sequentialCertificate({ ...made, runnerUpCount: n - partly[0] }) : row;
      });
    for (const change of [rows, rowChange(index, () => ({ decisions: [] }))]) {
      const { of } = await verify(await forgeRun(runOf('sequential'), { rows: change }), { replay: 0 });
      expect(of('certificates')?.detail).toBe(`example ${index} has counts that no samples give`);
    }
  });
});
