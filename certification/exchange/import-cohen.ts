import { sha256Hex } from '../records/canonical-json.ts';
import type { CertifiedResults } from '../report/certified-results.ts';
import { resultsOf, type CohenOptions } from './cohen-results.ts';
import { readCohen, type CohenRows } from './read-cohen.ts';

/** What an import found in a file. */
export interface CohenImport {
  readonly rows: CohenRows;
  /** The file's, which its summary rests on. */
  readonly sha256: string;
  /** Undefined where the file has no examples: nothing can be said of none. */
  readonly results: CertifiedResults | undefined;
  /** What a reader should know, a sentence each. */
  readonly notes: readonly string[];
}

/**
 * Reads a file in Cohen et al.'s columns, as `cohenResults` does, and one without examples too.
 *
 * @throws PerimeterError `InvalidRequest` where it is no such file, or its σ is unknown.
 */
export function importCohen(bytes: Uint8Array, options: CohenOptions): CohenImport {
  const rows = readCohen(bytes, options.name);
  const sha256 = sha256Hex(bytes);
  if (rows.indices.length === 0) {
    return {
      rows,
      sha256,
      results: undefined,
      notes: [...rows.notes, 'There is no example in the file, so no summary.'],
    };
  }
  const results = resultsOf({ rows, file: sha256, options });
  return { rows, sha256, results, notes: results.notes };
}
