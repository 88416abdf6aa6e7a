import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ModelPool } from './classifier/model-pool.ts';
import { PerimeterError } from './perimeter-error.ts';
import { jsonDigest, recordBytes } from './records/canonical-json.ts';
import { cacheDir } from './storage/cache-dir.ts';
import { isAbsence } from './storage/file-error.ts';
import { writeOnce } from './storage/write-once.ts';

/** What was found for one model on one card. */
const choiceSchema = z.object({ batchSize: z.int().min(1) });

const SMALLEST = 64;
const LARGEST = 2048;
/** Four batches lie in pinned memory, at two bytes a value: half a GiB. */
const MOST_VALUES = 2 ** 26;
/** A larger batch that gains less than this isn't worth what it makes sequential mode and unmixed batches waste. */
const GAIN = 1.03;
/** What a batch-invariant size may lose: it lets batches hold several examples' samples. */
const INVARIANT_LOSS = 0.95;

interface Measured {
  readonly batchSize: number;
  readonly rate: number;
  readonly invariant: boolean;
}

/**
 * The batch size that a GPU runs a model fast with: powers of two are tried, from 64 on, until a larger one gains nothing.
 * What was found is kept by model, card and arithmetic (`PERIMETER_CACHE`), so that a second plan makes an equal claim.
 *
 * @param model what the choice depends on beside the card and the runtime: the model's digest, and how it is computed.
 * @param dimensions values of one example.
 * @param open loads the model with a batch size; the pool before it may be closed then.
 * @param rateOf samples a second of a pool.
 * @throws PerimeterError as `open` does, where not even the smallest size can be run.
 */
export async function chooseBatch({
  model,
  dimensions,
  open,
  rateOf,
  folder = join(cacheDir(), 'batch-sizes'),
}: {
  model: object;
  dimensions: number;
  open: (batchSize: number) => Promise<ModelPool>;
  rateOf: (pool: ModelPool) => Promise<number>;
  folder?: string;
}): Promise<number> {
  const sizes = candidates(dimensions);
  const first = await open(sizes[0]);
  const { card = 'unknown', runtime } = first.probe;
  const path = join(folder, `${jsonDigest({ model, card, runtime })}.json`);
  const known = await readChoice(path);
  if (known !== undefined) return known;

  const measured: Measured[] = [];
  for (const batchSize of sizes) {
    const found = await measure(batchSize === sizes[0] ? first : open(batchSize), rateOf).catch((error: unknown) => {
      // A size that doesn't fit the card's memory ends the search.
      if (measured.length > 0 && isOfTheDevice(error)) return undefined;
      throw error;
    });
    if (found === undefined) break;
    const best = Math.max(0, ...measured.map(({ rate }) => rate));
    measured.push(found);
    if (found.rate < best) break;
  }
  const batchSize = choose(measured);
  await keepChoice(path, batchSize);
  return batchSize;
}

function candidates(dimensions: number): [number, ...number[]] {
  const sizes: [number, ...number[]] = [Math.min(SMALLEST, Math.max(1, Math.floor(MOST_VALUES / dimensions)))];
  for (let size = 2 * SMALLEST; size <= LARGEST && size * dimensions <= MOST_VALUES; size *= 2) sizes.push(size);
  return sizes;
}

async function measure(
  opening: ModelPool | Promise<ModelPool>,
  rateOf: (pool: ModelPool) => Promise<number>,
): Promise<Measured> {
  const pool = await opening;
  return { batchSize: pool.setup.batchSize, rate: await rateOf(pool), invariant: pool.probe.batchInvariant };
}

/** The smallest size that is as fast as any but for a few per cent; one that is batch-invariant, where it costs little. */
function choose(measured: readonly Measured[]): number {
  const best = (some: readonly Measured[]) => Math.max(0, ...some.map(({ rate }) => rate));
  const invariant = measured.filter((size) => size.invariant);
  const among = best(invariant) >= INVARIANT_LOSS * best(measured) ? invariant : measured;
  const enough = best(among) / GAIN;
  return Math.min(...among.filter(({ rate }) => rate >= enough).map(({ batchSize }) => batchSize));
}

function isOfTheDevice(error: unknown): boolean {
  return error instanceof PerimeterError && /^ModelProcess/.test(error.code);
}

async function readChoice(path: string): Promise<number | undefined> {
  try {
    return choiceSchema.parse(JSON.parse(await readFile(path, 'utf8'))).batchSize;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw new PerimeterError(
      'InvalidRequest',
      `${path} should hold a batch size that was measured, and doesn't: remove it, and it is measured again.`,
      { cause: error },
    );
  }
}

/** Where nothing can be kept, in a container without a writable cache, it is measured again next time. */
async function keepChoice(path: string, batchSize: number): Promise<void> {
  await writeOnce(path, recordBytes({ batchSize })).catch(() => undefined);
}
