import { parquetSchema, type SchemaElement, type SchemaTree } from 'hyparquet';
import { PerimeterError } from '../perimeter-error.ts';
import type { ParquetFile } from './parquet-file.ts';

export interface ColumnOptions {
  /** Column of the images; told from the file where left out. */
  readonly imageColumn?: string | undefined;
  /** Column of the labels; told from the file where left out. */
  readonly labelColumn?: string | undefined;
}

export interface ImageColumn {
  readonly name: string;
  /** Of the column with the bytes: its name, or that of Hugging Face's struct and `bytes` in it. */
  readonly bytesPath: string;
}

export interface LabelColumn {
  readonly name: string;
  /** Names of the classes, where Hugging Face's metadata tells them. */
  readonly classNames?: readonly string[];
}

/** What a column may be and how it is found. */
interface Role {
  readonly option: keyof ColumnOptions;
  /** Type in Hugging Face's metadata. */
  readonly feature: string;
  /** What such columns are called, in files without that metadata. */
  readonly names: readonly string[];
  readonly expected: string;
  readonly fits: (column: SchemaTree) => boolean;
}

const imageRole: Role = {
  option: 'imageColumn',
  feature: 'Image',
  names: ['image', 'img'],
  expected: 'binary, or a struct with binary "bytes", was',
  fits: (column) => bytesLeaf(column) !== undefined,
};
const labelRole: Role = {
  option: 'labelColumn',
  feature: 'ClassLabel',
  names: ['label', 'labels', 'fine_label'],
  expected: 'integers were',
  fits: ({ children, element }) => children.length === 0 && isInteger(element),
};

/**
 * Tells which columns of a Parquet file hold images and labels: those that the options name; else those that Hugging
 * Face's metadata declares as `Image` and `ClassLabel`; else those that are called so.
 *
 * @throws PerimeterError `InvalidDataset` where there is none, several, or one of another type.
 */
export function parquetColumns(file: ParquetFile, options: ColumnOptions): { image: ImageColumn; label: LabelColumn } {
  const columns = parquetSchema(file.metadata).children;
  const features = huggingFaceFeatures(file);
  const image = findColumn({ file, columns, features, role: imageRole, chosen: options.imageColumn });
  const label = findColumn({ file, columns, features, role: labelRole, chosen: options.labelColumn });
  const classNames = features.get(label.element.name)?.names;
  return {
    image: { name: image.element.name, bytesPath: bytesLeaf(image)?.path.join('.') ?? image.element.name },
    label: { name: label.element.name, ...(classNames && { classNames }) },
  };
}

function findColumn(search: {
  file: ParquetFile;
  columns: readonly SchemaTree[];
  features: ReturnType<typeof huggingFaceFeatures>;
  role: Role;
  chosen: string | undefined;
}): SchemaTree {
  const { file, columns, features, role, chosen } = search;
  const fault = (sentence: string) => new PerimeterError('InvalidDataset', `${file.name} ${sentence}`);
  const list = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(', ');
  const candidates = (): string[] => {
    const declared = [...features].filter(([, { type }]) => type === role.feature).map(([name]) => name);
    if (declared.length > 0) return declared;
    return columns.filter((column) => role.names.includes(column.element.name)).map(({ element }) => element.name);
  };

  const names = chosen === undefined ? candidates() : [chosen];
  if (names.length > 1) {
    throw fault(`has several columns that could be meant, ${list(names)}: name one by ${role.option}.`);
  }
  const column = columns.find(({ element }) => element.name === names[0]);
  if (column === undefined) {
    const missing = names.length === 0 ? `column called ${list(role.names)}` : `column ${list(names)}`;
    const found = list(columns.map(({ element }) => element.name)) || 'none';
    throw fault(`has no ${missing}; it has ${found}: name one by ${role.option}.`);
  }
  if (!role.fits(column)) {
    throw fault(
      `has ${describe(column)} in its column ${list(names)}, but ${role.expected} expected: name another by ${role.option}.`,
    );
  }
  return column;
}

/** The column of bytes: itself, or `bytes` of the struct that Hugging Face writes. */
function bytesLeaf(column: SchemaTree): SchemaTree | undefined {
  if (column.element.repetition_type === 'REPEATED') return undefined;
  const leaf = column.children.length === 0 ? column : column.children.find(({ element }) => element.name === 'bytes');
  if (leaf === undefined || leaf.children.length > 0) return undefined;
  const { type, converted_type, logical_type, repetition_type } = leaf.element;
  const binary = type === 'BYTE_ARRAY' && converted_type === undefined && logical_type === undefined;
  return binary && repetition_type !== 'REPEATED' ? leaf : undefined;
}

function isInteger({ type, converted_type, logical_type, repetition_type }: SchemaElement): boolean {
  return (
    (type === 'INT32' || type === 'INT64') &&
    (converted_type === undefined || /^U?INT_/.test(converted_type)) &&
    (logical_type === undefined || logical_type.type === 'INTEGER') &&
    repetition_type !== 'REPEATED'
  );
}

function describe({ element, children }: SchemaTree): string {
  if (children.length > 0) return `a struct of ${children.map(({ element: { name } }) => name).join(', ')}`;
  const { type = 'nothing', converted_type, logical_type } = element;
  return logical_type?.type ?? converted_type ?? type;
}

/** Types of the columns by Hugging Face's metadata, with the names of classes; empty where there is none. */
function huggingFaceFeatures({ metadata }: ParquetFile): Map<string, { type: unknown; names?: string[] }> {
  const text = metadata.key_value_metadata?.find(({ key }) => key === 'huggingface')?.value ?? '{}';
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // It is a courtesy of the writer: without it columns are told by their names.
    parsed = {};
  }
  const features = Object.entries(objectAt(objectAt(objectAt(parsed).info).features));
  return new Map(
    features.map(([name, feature]) => {
      const { _type: type, names } = objectAt(feature);
      const areNames = Array.isArray(names) && names.every((item) => typeof item === 'string');
      return [name, { type, ...(areNames && { names }) }];
    }),
  );
}

function objectAt(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
