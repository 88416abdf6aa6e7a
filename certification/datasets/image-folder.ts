import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import { sortedClassNames, type ClassNames } from './class-names.ts';
import type { NamedBytes } from './in-memory-dataset.ts';
import { parseLabelsFile } from './labels-file.ts';
import type { Listing } from './listing.ts';

const IMAGE = /\.(jpe?g|png|webp)$/i;

/** Whether a key has the name of an image that can be decoded. */
export function isImageKey(key: string): boolean {
  return IMAGE.test(key);
}

interface ImageFolder {
  readonly folder: InputFolder;
  /** The folder's URI, for messages. */
  readonly name: string;
  readonly classes?: ClassNames | undefined;
}

/**
 * Lists images that lie in a folder for each class, in the order of torchvision's `ImageFolder`: classes by name, then
 * images by folder and name.
 *
 * @param keys of everything in the folder.
 * @param classes the order of the classes, by their folders' names; sorted where left out.
 * @throws PerimeterError `InvalidDataset` where there are no images, some in no class's folder, a class folder
 * without one, or one that isn't in `classes`.
 */
export function listClassFolders({ name, classes }: ImageFolder, keys: readonly string[]): Listing {
  const refuse = (why: string) => new PerimeterError('InvalidDataset', `${name} ${why}`);
  const images = keys.filter(isImageKey);
  const loose = images.find((key) => !key.includes('/'));
  if (loose !== undefined) {
    throw refuse(`holds ${loose} outside of any class folder: name the file of its labels, or put it in one.`);
  }
  if (images.length === 0) throw refuse('holds no images: expected .jpg, .jpeg, .png or .webp in a folder a class.');
  const classOf = (key: string) => key.slice(0, key.indexOf('/'));
  const order = classes ?? sortedClassNames(keys.filter((key) => key.includes('/')).map(classOf));
  const found = new Set(images.map(classOf));
  const empty = order === classes ? undefined : order.names.find((each) => !found.has(each));
  if (empty !== undefined) {
    throw refuse(
      `has the class folder ${empty} without an image: put one there, or remove it, since it counts as a class.`,
    );
  }
  const entries = images.map((key) => {
    const label = order.index.get(classOf(key));
    if (label === undefined) throw refuse(`has the class folder ${classOf(key)}, which is not in the list of classes.`);
    const slash = key.lastIndexOf('/');
    return { key, label, folder: key.slice(0, slash), file: key.slice(slash + 1) };
  });
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  entries.sort(
    (a, b) => compare(classOf(a.key), classOf(b.key)) || compare(a.folder, b.folder) || compare(a.file, b.file),
  );
  return imageListing(entries, order.names);
}

/**
 * Lists images by a file that says which has which label (`parseLabelsFile`), in the order of their paths.
 *
 * @param labels the file. Where it holds labels alone, they are those of the folder's images in the order of names.
 * @throws PerimeterError `InvalidDataset`.
 */
export async function listLabelledImages({ folder, name, classes }: ImageFolder, labels: NamedBytes): Promise<Listing> {
  const { rows, classNames } = parseLabelsFile(labels, classes);
  let entries: { key: string; label: number }[];
  if (rows[0].path === undefined) {
    const keys = (await folder.list()).filter(isImageKey).sort();
    if (keys.length !== rows.length) {
      throw new PerimeterError(
        'InvalidDataset',
        `${labels.name} holds ${rows.length} labels, but there are ${keys.length} images in ${name}.`,
      );
    }
    entries = keys.map((key, at) => ({ key, label: rows[at].label }));
  } else {
    entries = rows.map(({ path = '', label }) => ({ key: path.replace(/^\.\//, ''), label }));
    for (const { key } of entries) {
      if (key.startsWith('/') || key.split('/').some((part) => part === '..' || part === '')) {
        throw new PerimeterError(
          'InvalidDataset',
          `${labels.name} names ${key}, which leads out of the dataset: expected paths below ${name}.`,
        );
      }
    }
    entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
    const twice = entries.findIndex(({ key }, at) => at > 0 && key === entries[at - 1].key);
    if (twice >= 0) {
      throw new PerimeterError('InvalidDataset', `${labels.name} names ${entries[twice].key} twice.`);
    }
  }
  return imageListing(entries, classNames);
}

function imageListing(
  entries: readonly { readonly key: string; readonly label: number }[],
  classNames: readonly string[] | undefined,
): Listing {
  const keys = entries.map(({ key }) => key);
  return {
    examples: keys.length,
    labels: Int32Array.from(entries, ({ label }) => label),
    ...(classNames && { classNames }),
    encoding: { type: 'image' },
    locate: (index) => ({ key: keys[index] }),
  };
}
