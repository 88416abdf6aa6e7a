import { expand } from 'brace-expansion';
import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';

/** Whether a name stands for several objects: `test-{000000..000049}.tar`, `test-*.parquet`. */
export function isPattern(name: string): boolean {
  return /\{.*[,.].*\}|\*/.test(name);
}

/**
 * The objects that a name stands for: braces in the order that they say, `*` in the order of names.
 *
 * @throws PerimeterError `InvalidDataset` where `*` matches nothing.
 */
export async function objectNames(folder: InputFolder, pattern: string): Promise<string[]> {
  const names = expand(pattern, { max: MAX_OBJECTS });
  if (!names.some((name) => name.includes('*'))) return names;
  const keys = (await folder.list()).filter((key) => !key.includes('/')).sort();
  return names.flatMap((name) => {
    const parts = name.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
    const matching = new RegExp(`^${parts.join('.*')}$`, 's');
    const found = keys.filter((key) => matching.test(key));
    if (found.length === 0) {
      throw new PerimeterError(
        'InvalidDataset',
        `There is no object of the name ${name} in ${folder.url('x').slice(0, -1)}.`,
      );
    }
    return found;
  });
}

/** A typing slip in a range may not ask for more objects than any dataset has. */
const MAX_OBJECTS = 100_000;
