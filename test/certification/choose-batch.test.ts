import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chooseBatch } from '../../certification/choose-batch.ts';
import type { ModelPool } from '../../certification/classifier/model-pool.ts';
import { PerimeterError } from '../../certification/perimeter-error.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CIFAR = 3 * 32 * 32;
const IMAGENET = 3 * 224 * 224;

/** A card on which each batch size has a rate, and which is told what was opened on it. */
function card(
  rates: Record<number, number | PerimeterError>,
  { invariant, name = 'H100' }: { invariant?: (size: number) => boolean; name?: string } = {},
) {
  const opened: number[] = [];
  const open = async (batchSize: number): Promise<ModelPool> => {
    opened.push(batchSize);
    const rate = rates[batchSize] as number | PerimeterError | undefined;
    if (rate instanceof PerimeterError) throw rate;
    const probe = {
      probe: '',
      batchInvariant: invariant?.(batchSize) ?? true,
      batchDifference: 0,
      runtime: 'r 1',
      card: name,
    };
    return Promise.resolve({ setup: { batchSize }, probe } as ModelPool);
  };
  const rateOf = ({ setup }: ModelPool) => Promise.resolve(rates[setup.batchSize] as number);
  return { opened, open, rateOf };
}

function choose(on: ReturnType<typeof card>, { folder, dimensions = CIFAR, sha256 = 'a' } = { folder: '' }) {
  return chooseBatch({ model: { sha256 }, dimensions, open: on.open, rateOf: on.rateOf, folder });
}

describe('the batch size on a GPU', () => {
  const rising = { 64: 10, 128: 20, 256: 30, 512: 40, 1024: 40.5, 2048: 39 };

  it('is the smallest beyond which little is gained', async () => {
    expect(await choose(card(rising), { folder: temporaryFolder() })).toBe(512);
  });

  it('is not searched beyond the first that is slower', async () => {
    const on = card({ 64: 30, 128: 29, 256: 100 });
    expect(await choose(on, { folder: temporaryFolder() })).toBe(64);
    expect(on.opened).toEqual([64, 128]);
  });

  it('is a batch-invariant one where that costs little, and not where it costs much', async () => {
    const [folder, other] = [temporaryFolder(), temporaryFolder()];
    expect(await choose(card(rising, { invariant: (size) => size === 2048 }), { folder })).toBe(2048);
    expect(await choose(card(rising, { invariant: (size) => size === 128 }), { folder: other })).toBe(512);
  });

  it('stays below what the memory of the card holds, and what pinned memory should', async () => {
    const full = new PerimeterError('ModelProcessNotStarted', 'CUDA failure 2: out of memory');
    const folder = temporaryFolder();
    expect(await choose(card({ ...rising, 256: full }), { folder })).toBe(128);
    const large = card({ 64: 1, 128: 2, 256: 4 });
    expect(await choose(large, { folder, dimensions: IMAGENET, sha256: 'b' })).toBe(256);
    expect(large.opened).toEqual([64, 128, 256]);
  });

  it('is not guessed where not even the smallest can be run, or the model is refused', async () => {
    const folder = temporaryFolder();
    const none = new PerimeterError('ModelProcessNotStarted', "ONNX Runtime can't use CUDA");
    await expect(choose(card({ 64: none }), { folder })).rejects.toBe(none);
    const refused = new PerimeterError('InvalidModel', 'The model mixes the examples of a batch');
    await expect(choose(card({ 64: 1, 128: refused }), { folder })).rejects.toBe(refused);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is measured once for a model on a card, and again for another model or card', async () => {
    const folder = temporaryFolder();
    await choose(card(rising), { folder });
    const second = card({ 64: 99 });
    expect(await choose(second, { folder })).toBe(512);
    expect(second.opened).toEqual([64]);
    expect(await choose(card({ 64: 99, 128: 1 }, { name: 'H200' }), { folder })).toBe(64);
    expect(await choose(card({ 64: 99, 128: 1 }), { folder, dimensions: CIFAR, sha256: 'other' })).toBe(64);
  });

  it('is measured all the same where it cannot be kept', async () => {
    expect(await choose(card(rising), { folder: '/dev/null/batch-sizes' })).toBe(512);
  });

  it('is not read from a damaged file: the sentence says which to remove', async () => {
    const folder = temporaryFolder();
    await choose(card(rising), { folder });
    const [name] = await readdir(folder);
    await writeFile(join(folder, name), '{"batchSize":"many"}');
    await expect(choose(card(rising), { folder })).rejects.toThrow(
      `${join(folder, name)} should hold a batch size that was measured, and doesn't: remove it, and it is measured again.`,
    );
  });
});
