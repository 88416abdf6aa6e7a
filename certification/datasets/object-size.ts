import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';

/**
 * How many bytes an object of a dataset has.
 *
 * @throws PerimeterError `InvalidDataset` where it isn't there; and whatever the folder throws.
 */
export async function objectSize(folder: InputFolder, key: string): Promise<number> {
  const object = await folder.head(key);
  if (object === undefined) {
    throw new PerimeterError('InvalidDataset', `${folder.url(key)} is part of the dataset, but there is no such file.`);
  }
  return object.size;
}
