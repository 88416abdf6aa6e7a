import { recordBytes } from '../records/canonical-json.ts';
import { manifestSchema, runDigest, type Manifest } from '../records/manifest.ts';
import { parseRecord } from './parse-record.ts';

/** The manifest of a generation of results, if it is spelt as manifests are, and of its own objects. */
export function parseManifest(bytes: Uint8Array, generation: number): Manifest | undefined {
  const parsed = manifestSchema.safeParse(parseRecord(bytes));
  if (!parsed.success || Buffer.compare(recordBytes(parsed.data), bytes) !== 0) return undefined;
  if ((parsed.data.generation ?? 1) !== generation) return undefined;
  return runDigest(parsed.data.objects) === parsed.data.digests.run ? parsed.data : undefined;
}
