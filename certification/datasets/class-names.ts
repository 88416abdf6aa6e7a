import { PerimeterError } from '../perimeter-error.ts';
import type { NamedBytes } from './in-memory-dataset.ts';

/** The classes of a model in the order of its outputs. */
export interface ClassNames {
  /** For people. */
  readonly names: readonly string[];
  /** The class index of what folders and labels files call a class. */
  readonly index: ReadonlyMap<string, number>;
}

/**
 * Reads a list of classes, one a line in the order of the model's outputs: an id and a description, as in ImageNet's
 * `LOC_synset_mapping.txt`, or a name alone.
 *
 * @throws PerimeterError `InvalidDataset` where it is empty, or two lines begin with the same id.
 */
export function parseClassNames({ name, bytes }: NamedBytes): ClassNames {
  const lines = new TextDecoder()
    .decode(bytes)
    .split(/\r?\n/)
    .map((line) => line.trim());
  while (lines.at(-1) === '') lines.pop();
  if (lines.length === 0) {
    throw new PerimeterError('InvalidDataset', `${name} is empty, but one class a line was expected.`);
  }
  const index = new Map<string, number>();
  const add = (id: string, at: number) => {
    const other = index.get(id);
    if (other !== undefined && other !== at) {
      throw new PerimeterError(
        'InvalidDataset',
        `${name} has the class "${id}" twice, on the lines ${other + 1} and ${at + 1}.`,
      );
    }
    index.set(id, at);
  };
  lines.forEach((line, at) => {
    if (line === '') {
      throw new PerimeterError('InvalidDataset', `${name} has no class on line ${at + 1}: expected one a line.`);
    }
    add(line, at);
  });
  if (lines.every((line) => /^n\d{8}\b/.test(line)))
    lines.forEach((line, at) => {
      add(line.slice(0, 9), at);
    });
  return { names: lines.map((line) => line.replace(/^n\d{8}\s+/, '')), index };
}

/** Classes in the order of their names, as torchvision's `ImageFolder` counts them. */
export function sortedClassNames(found: Iterable<string>): ClassNames {
  const names = [...new Set(found)].sort();
  return { names, index: new Map(names.map((name, at) => [name, at])) };
}
