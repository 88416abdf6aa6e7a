import type { CertifiedResults } from '../certified-results.ts';
import { IMPORTED } from '../imported.ts';
import { NOT_REPLAYABLE } from '../not-replayable.ts';
import { SIMULATED } from '../simulated.ts';
import { rowTexts } from './row-labels.ts';

/**
 * What a table of several results has to say of its rows, once where it is so of all. More about each is in the notes of the
 * results themselves.
 */
export function rowNotes(results: readonly CertifiedResults[]): string[] {
  const names = rowTexts(results);
  const about = (note: string, holds: (each: CertifiedResults) => boolean) => {
    const rows = names.filter((_, at) => holds(results[at]));
    if (rows.length === 0) return [];
    return [rows.length === results.length ? note : `${rows.join('; ')}: ${note}`];
  };
  return [
    ...about(SIMULATED, ({ summary }) => summary.simulated === true),
    ...about(IMPORTED, ({ summary }) => summary.imported === true),
    ...about(NOT_REPLAYABLE, ({ summary }) => summary.replayable === false),
    ...results.flatMap(({ summary: { failed } }, at) =>
      failed === 0 ? [] : [`${names[at]}: ${failed} examples failed and count as not certified.`],
    ),
  ];
}
