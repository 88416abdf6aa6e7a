import { createHash } from 'node:crypto';
import { z } from 'zod';
import { mapConcurrently } from '../map-concurrently.ts';
import { PerimeterError } from '../perimeter-error.ts';
import { canonicalJson, sha256Hex } from '../records/canonical-json.ts';
import { decodedImagesSchema } from '../records/claim.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import { labelRange, type Dataset, type ListedDataset } from './dataset.ts';
import { decodeExample } from './decode-example.ts';
import { decoderProbe } from './decoder-probe.ts';
import { createFetch } from './fetch-example.ts';
import type { Encoding } from './listing.ts';

/** Examples read at once while they are digested: enough to hide an object store's latency. */
const READS = 32;

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const headerSchema = z.strictObject({
  version: z.literal(1),
  examples: z.int().min(1).describe('How many the dataset holds.'),
  shape: z.array(z.int().min(1)),
  kind: z.enum(['uint8', 'float32']),
  base: z
    .enum(['uri', 'parent'])
    .describe("What keys are relative to: the dataset's URI, or the folder that it lies in."),
  encoding: z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('image') }),
    z.strictObject({
      type: z.literal('array'),
      element: z.enum(['uint8', 'float32']),
      littleEndian: z.boolean(),
      stored: z.array(z.int().min(1)),
      channelsLast: z.boolean(),
    }),
  ]),
  images: decodedImagesSchema.nullable(),
});

const locatorSchema = z.strictObject({
  key: z.string(),
  range: z
    .tuple([z.int().min(0), z.int().min(0)])
    .readonly()
    .optional(),
  row: z.int().optional(),
  column: z.string().optional(),
});

/** Index, label, SHA-256 of the bytes (null where there are more of them than are read), and where they are. */
const entrySchema = z.tuple([z.int().min(0), z.int().min(0), sha256.nullable(), locatorSchema]).readonly();

type Header = z.infer<typeof headerSchema>;
type Entry = z.infer<typeof entrySchema>;

/** The examples of a dataset that a claim is about: what each is, and where it was found. */
export interface DatasetIndex {
  readonly header: Header;
  readonly entries: readonly Entry[];
}

/**
 * Reads examples and digests each.
 *
 * @param indices in the dataset, in the claim's order.
 * @throws PerimeterError `InvalidDataset` where one that the dataset lists isn't there.
 */
export async function indexDataset(dataset: ListedDataset, indices: readonly number[]): Promise<DatasetIndex> {
  const { examples, shape, kind, base, encoding, images } = dataset;
  const entries = await mapConcurrently(indices, READS, async (index): Promise<Entry> => {
    const bytes = await dataset.bytes(index);
    return [index, dataset.label(index), bytes === null ? null : sha256Hex(bytes), dataset.locate(index)];
  });
  return {
    header: { version: 1, examples, shape: [...shape], kind, base, encoding: writable(encoding), images },
    entries,
  };
}

/**
 * The digest that a claim names its examples by, 64 hexadecimal digits: of their labels and bytes, and not of where
 * they lie, so that the same images in a folder and in an archive are the same dataset.
 */
export function indexDigest({ header: { shape, kind, encoding }, entries }: DatasetIndex): string {
  const hash = createHash('sha256');
  hash.update(`${canonicalJson({ shape, kind, encoding })}\n`);
  for (const [index, label, digest] of entries) hash.update(`${index} ${label} ${digest ?? '-'}\n`);
  return hash.digest('hex');
}

/** As it lies in a run's folder: the header, then an entry a line. */
export function indexBytes({ header, entries }: DatasetIndex): Uint8Array {
  // A piece at a time: of a large set the whole is longer than a string may be.
  const encoder = new TextEncoder();
  const pieces = [encoder.encode(`${JSON.stringify(header)}\n`)];
  for (let first = 0; first < entries.length; first += LINES_A_PIECE) {
    const lines = entries.slice(first, first + LINES_A_PIECE).map((entry) => `${JSON.stringify(entry)}\n`);
    pieces.push(encoder.encode(lines.join('')));
  }
  return new Uint8Array(Buffer.concat(pieces));
}

const LINES_A_PIECE = 10_000;

/**
 * The index in an object's bytes.
 *
 * @param name of the object, for the message.
 * @throws PerimeterError `InvalidDataset` where it is none.
 */
export function parseIndex(bytes: Uint8Array, name: string): DatasetIndex {
  const decoder = new TextDecoder();
  const entries: Entry[] = [];
  let header: Header | undefined;
  try {
    for (let from = 0, line = 0; from < bytes.length; line++) {
      const end = bytes.indexOf(0x0a, from);
      if (end < 0) throw new Error(`line ${line + 1} has no end`);
      const value: unknown = JSON.parse(decoder.decode(bytes.subarray(from, end)));
      if (line === 0) header = headerSchema.parse(value);
      else entries.push(entrySchema.parse(value));
      from = end + 1;
    }
    if (header === undefined) throw new Error('it is empty');
    return { header, entries };
  } catch (cause) {
    throw new PerimeterError('InvalidDataset', `${name} is not the index of a dataset, or was changed.`, { cause });
  }
}

/**
 * The examples of an index, from where it found them; each is compared with its digest as it is read.
 *
 * @param folder what the index's keys are relative to.
 */
export async function indexedDataset(index: DatasetIndex, folder: InputFolder): Promise<Dataset> {
  const { header, entries } = index;
  const { examples, shape, kind, encoding, images } = header;
  const fetch = createFetch(folder);
  const at = new Map(entries.map((entry) => [entry[0], entry]));
  const entryOf = (wanted: number) => {
    const entry = at.get(wanted);
    if (entry === undefined) throw new RangeError(`example ${wanted} is none of the ${entries.length} of the index`);
    return entry;
  };
  return {
    examples,
    shape,
    kind,
    labels: labelRange(entries.map(([, label]) => label)),
    images: images === null ? null : { ...images, probe: await decoderProbe(images) },
    digestOf: 'examples',
    sha256: indexDigest(index),
    label: (wanted) => entryOf(wanted)[1],
    async read(wanted) {
      const [, label, digest, locator] = entryOf(wanted);
      const bytes = await fetch(locator).catch((error: unknown) => {
        if (!(error instanceof PerimeterError) || error.code === 'StoreUnavailable') throw error;
        throw new PerimeterError('InputUnavailable', `Example ${wanted} is not here: ${error.message}`, {
          cause: error,
        });
      });
      const found = bytes === null ? null : sha256Hex(bytes);
      if (found !== digest) {
        throw new PerimeterError(
          'InputUnavailable',
          `Example ${wanted} is not what was planned for: ${folder.url(locator.key)} has SHA-256 ${found ?? '(too large to read)'} there, and the plan says ${digest ?? '(too large to read)'}.`,
        );
      }
      return { index: wanted, label, values: await decodeExample(bytes, { encoding, images, shape }) };
    },
  };
}

function writable(encoding: Encoding): Header['encoding'] {
  return encoding.type === 'array' ? { ...encoding, stored: [...encoding.stored] } : encoding;
}
