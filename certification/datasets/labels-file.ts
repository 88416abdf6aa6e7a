import { parse } from 'csv-parse/sync';
import { PerimeterError } from '../perimeter-error.ts';
import { sortedClassNames, type ClassNames } from './class-names.ts';
import type { NamedBytes } from './in-memory-dataset.ts';

export interface LabelledPath {
  /** Below the dataset's folder; undefined where the file holds labels alone, in the order of the images' names. */
  readonly path: string | undefined;
  readonly label: number;
}

/** Column names that a first line is known by to be no image. */
const HEADERS = /^(path|file|file_?name|image|image_?id|img|label|class|target)$/i;

/**
 * Reads which image has which label, from any of the files that people keep it in:
 *
 * - `path,label` a line, with or without a line of column names;
 * - `path label` (Caffe's `val.txt`);
 * - ImageNet's `LOC_val_solution.csv`: `ImageId,PredictionString`, the class being the first word of the latter;
 * - a label a line, in the order of the images' names.
 *
 * A label is a class index, or a class's name or id.
 *
 * @param classes the order of the classes; by default that of the names found here, sorted.
 * @throws PerimeterError `InvalidDataset` naming the line.
 */
export function parseLabelsFile(
  file: NamedBytes,
  classes: ClassNames | undefined,
): { rows: LabelledPath[]; classNames: readonly string[] | undefined } {
  const { name } = file;
  const refuse = (line: number, why: string) => new PerimeterError('InvalidDataset', `${name}, line ${line}, ${why}.`);
  const lines = readRows(file);
  const first = lines.at(0)?.fields ?? [];
  const isSolution = first[0] === 'ImageId' && first[1] === 'PredictionString';
  const body = first.some((field) => HEADERS.test(field)) ? lines.slice(1) : lines;
  if (body.length === 0) throw new PerimeterError('InvalidDataset', `${name} holds no labels: expected one a line.`);
  const width = body[0].fields.length;
  const found = body.map(({ fields, line }) => {
    if (fields.length !== width || width > 2) {
      throw refuse(line, `has ${fields.length} fields, but a path and a label were expected, or a label alone`);
    }
    const path = width === 1 ? undefined : fields[0];
    const label = isSolution ? fields[1].trim().split(/\s+/)[0] : fields[width - 1];
    if (path === '' || label === '') throw refuse(line, 'lacks a path or a label');
    return { path: isSolution ? `${path ?? ''}.JPEG` : path, label, line };
  });
  const isIndex = (label: string) => /^\d{1,9}$/.test(label);
  if (found.every(({ label }) => isIndex(label))) {
    return { rows: found.map(({ path, label }) => ({ path, label: Number(label) })), classNames: classes?.names };
  }
  const index = found.find(({ label }) => isIndex(label));
  if (index !== undefined && classes === undefined) {
    throw refuse(
      index.line,
      `has the class index ${index.label}, but other lines have names: expected one or the other`,
    );
  }
  const order = classes ?? sortedClassNames(found.map(({ label }) => label));
  const rows = found.map(({ path, label, line }) => {
    const at = order.index.get(label);
    if (at === undefined) throw refuse(line, `has the class "${label}", which is not in the list of classes`);
    return { path, label: at };
  });
  return { rows, classNames: order.names };
}

/** Fields by comma where the first line has one, else by the last white space of each line. */
function readRows({ name, bytes }: NamedBytes): { fields: string[]; line: number }[] {
  const text = new TextDecoder().decode(bytes);
  if (!text.slice(0, text.indexOf('\n') + 1 || undefined).includes(',')) {
    return text
      .split(/\r?\n/)
      .map((line, at) => ({ fields: splitAtLastSpace(line.trim()), line: at + 1 }))
      .filter(({ fields }) => fields.length > 0);
  }
  try {
    const rows = parse(bytes, { bom: true, info: true, relaxColumnCount: true, skipEmptyLines: true, trim: true });
    return (rows as unknown as { info: { lines: number }; record: string[] }[]).map(({ info, record }) => ({
      fields: record,
      line: info.lines,
    }));
  } catch (cause) {
    const said = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '');
    throw new PerimeterError('InvalidDataset', `${name} is no CSV file: ${said}.`, { cause });
  }
}

function splitAtLastSpace(line: string): string[] {
  if (line === '') return [];
  const fields = /^(.*\S)\s+(\S+)$/.exec(line);
  return fields === null ? [line] : fields.slice(1);
}
