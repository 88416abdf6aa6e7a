import { PerimeterError } from '../perimeter-error.ts';
import { COHEN_ABSTAIN, cohenHeader } from '../records/cohen-columns.ts';
import { correctNote } from './correct-note.ts';

/** The certificates of a file in Cohen et al.'s columns, a column each, in the file's order. */
export interface CohenRows {
  /** Ascending. */
  readonly indices: Float64Array;
  readonly labels: Int32Array;
  /** −1 where there is no certificate. */
  readonly predictions: Int32Array;
  /** As printed, in input units; 0 where there is no certificate. */
  readonly radii: Float64Array;
  /** The radii's own texts. */
  readonly radiusTexts: readonly string[];
  /** Whether any row took time: runs of ours print none, as times differ from run to run. */
  readonly timed: boolean;
  /** What a reader should know of how the file was read, a sentence each. */
  readonly notes: readonly string[];
}

interface Row {
  readonly index: number;
  readonly label: number;
  readonly prediction: number;
  readonly radiusText: string;
  readonly correctText: string;
  readonly time: string;
}

const INTEGER = /^-?\d+$/;
const DECIMAL = /^\d+(\.\d*)?(e[+-]?\d+)?$/i;
/** What Python prints of a bool or of a number. */
const CORRECT = /^(true|false|\d+(\.\d*)?(e[+-]?\d+)?)$/i;
/** Seconds, or Python's timedelta with or without days and a fraction. */
const TIME = /^(\d+(\.\d*)?(e[+-]?\d+)?|(-?\d+ days?, )?\d+:\d{2}:\d{2}(\.\d+)?)$/i;
const NO_TIME = /^(0+(\.0*)?|0:00:00(\.0+)?)$/;
/** Labels are held in 32 bits. */
const MOST_LABEL = 2 ** 31 - 1;
/** Beyond any input's size, in units that anybody has. */
const MOST_RADIUS = 1e9;
/** A line that is quoted in a sentence is cut here. */
const MOST_QUOTED = 60;

/**
 * Reads what `certify.py` of Cohen et al. and its descendants write: tab-separated lines of idx, label, predict (−1 =
 * abstain), radius, correct and time. `correct` is recomputed from label and prediction, as some print a running number
 * or mean there. The last line is dropped where it was cut short: where no line's end follows it and it is not whole.
 *
 * @param name the file's, for sentences.
 * @throws PerimeterError `InvalidRequest`, naming file and line, where it is no such file or a row says something
 * impossible.
 */
export function readCohen(bytes: Uint8Array, name: string): CohenRows {
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  const ended = lines.at(-1) === '';
  while (lines.at(-1) === '') lines.pop();
  const more = checkHeader(lines[0] ?? '', name);
  const notes: string[] = [];
  const rows: Row[] = [];
  for (const [at, line] of lines.entries()) {
    if (at === 0) continue;
    const last = at === lines.length - 1;
    const row = parseRow(line, rows.at(-1)?.index ?? -1);
    if (typeof row !== 'string') rows.push(row);
    else if (last && !ended) notes.push(`Line ${at + 1}, the last, was cut short and is left out.`);
    else throw invalid(name, `line ${at + 1}: ${row}`);
  }
  if (more > 0)
    notes.push(more === 1 ? '1 column after "time" was not read.' : `${more} columns after "time" were not read.`);
  const correct = correctNote(rows.map(({ label, prediction, correctText }) => [label === prediction, correctText]));
  return {
    indices: Float64Array.from(rows, ({ index }) => index),
    labels: Int32Array.from(rows, ({ label }) => label),
    predictions: Int32Array.from(rows, ({ prediction }) => prediction),
    radii: Float64Array.from(rows, ({ radiusText }) => Number(radiusText)),
    radiusTexts: rows.map(({ radiusText }) => radiusText),
    timed: rows.some(({ time }) => !NO_TIME.test(time)),
    notes: [...notes, ...(correct === undefined ? [] : [correct])],
  };
}

/** @returns how many columns follow those that are read. */
function checkHeader(line: string, name: string): number {
  const columns = line.replace(/^\uFEFF/, '').split('\t');
  if (cohenHeader.every((column, at) => columns.at(at)?.trim() === column)) return columns.length - cohenHeader.length;
  const expected = cohenHeader.join(', ');
  throw invalid(
    name,
    columns.length === 1
      ? `line 1: it is no tab-separated file of certificates: expected the columns ${expected}, found ${quoted(line)}`
      : `line 1: expected the columns ${expected}, found ${quoted(columns.join(', '))}`,
  );
}

/** A row, or what is wrong with it. */
function parseRow(line: string, before: number): Row | string {
  const fields = line.split('\t').map((field) => field.trim());
  if (fields.length < cohenHeader.length) {
    return `expected ${cohenHeader.length} values with tabs between them, found ${quoted(line)}`;
  }
  const [indexText, labelText, predictText, radiusText, correctText, time] = fields;
  const [index, label, prediction, radius] = [indexText, labelText, predictText, radiusText].map(Number);
  if (!INTEGER.test(indexText) || !Number.isSafeInteger(index) || index < 0) {
    return `idx is ${quoted(indexText)}: expected a whole number of at least 0`;
  }
  if (index <= before) {
    return `idx is ${index} after ${before}: expected each example once, in ascending order`;
  }
  if (!INTEGER.test(labelText) || !isLabel(label)) {
    return `label is ${quoted(labelText)}: expected a whole number from 0 to ${MOST_LABEL}`;
  }
  if (!INTEGER.test(predictText) || !(isLabel(prediction) || prediction === COHEN_ABSTAIN)) {
    return `predict is ${quoted(predictText)}: expected a whole number from 0 to ${MOST_LABEL}, or -1 for an abstention`;
  }
  if (!DECIMAL.test(radiusText) || !(radius <= MOST_RADIUS)) {
    return `radius is ${quoted(radiusText)}: expected a number from 0 to ${MOST_RADIUS}`;
  }
  if (prediction === COHEN_ABSTAIN && radius > 0) {
    return `radius is ${radiusText} where predict is -1: expected 0, as an abstention certifies nothing`;
  }
  if (!CORRECT.test(correctText)) return `correct is ${quoted(correctText)}: expected 0 or 1`;
  if (!TIME.test(time)) return `time is ${quoted(time)}: expected h:mm:ss, with days or a fraction, or seconds`;
  return { index, label, prediction, radiusText, correctText, time };
}

function isLabel(value: number): boolean {
  return value >= 0 && value <= MOST_LABEL;
}

function quoted(text: string): string {
  return JSON.stringify(text.length <= MOST_QUOTED ? text : `${text.slice(0, MOST_QUOTED)}…`);
}

function invalid(name: string, sentence: string): PerimeterError {
  return new PerimeterError('InvalidRequest', `${name}, ${sentence}.`);
}
