import { groupThousands } from '../group-thousands.ts';

/** A table as it is printed, whatever it is written as (`writeTable`). */
export interface PrintedTable {
  /** One line above it: what the table is of. */
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly TableRow[];
  /** What a reader should know, a sentence each. */
  readonly notes: readonly string[];
}

export interface Column {
  readonly heading: string;
  /** What stands above this heading and its neighbours of the same group. */
  readonly group?: string;
  readonly align: 'left' | 'right';
}

export interface TableRow {
  readonly cells: readonly Cell[];
  /** Set apart from the rows before it, as it isn't one of them. */
  readonly apart?: boolean;
}

export interface Cell {
  readonly text: string;
  /** The same for machines, where it differs: `100000` for `100,000`. */
  readonly plain?: string;
  /** Best of its column. */
  readonly best?: boolean;
}

/** A cell of a name or a sentence, on one line whatever it holds. */
export function wordsCell(text: string): Cell {
  return { text: oneLine(text) };
}

/** A cell of a whole number. */
export function wholeCell(value: number): Cell {
  return { text: groupThousands(value), plain: String(value) };
}

/** A text without line breaks and other control characters, which no table can hold. */
export function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
}
