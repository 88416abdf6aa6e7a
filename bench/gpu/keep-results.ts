import { appendFileSync, writeFileSync } from 'node:fs';
import { resultsTable } from './results-table.ts';
import type { Result } from './results.ts';

/**
 * Keeps results. Where there is a `file`, each is a line of JSON there from the moment that it is measured, and after each row
 * the table of all of them stands in `file`.md: whatever ends the benchmark, what was measured is kept.
 */
export function keepResults(file: string | undefined): {
  readonly results: readonly Result[];
  add: (result: Result) => void;
} {
  const results: Result[] = [];
  if (file !== undefined) writeFileSync(file, '');
  return {
    results,
    add(result) {
      results.push(result);
      if (file === undefined) return;
      appendFileSync(file, `${JSON.stringify(result)}\n`);
      if (result.type === 'row') writeFileSync(`${file}.md`, resultsTable(results));
    },
  };
}
