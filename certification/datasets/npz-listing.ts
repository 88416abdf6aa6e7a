import { PerimeterError } from '../perimeter-error.ts';
import type { InputFolder } from '../storage/input-folder.ts';
import type { ImageLayout } from './image-layout.ts';
import type { Listing } from './listing.ts';
import { npyListing, type NpySpan } from './npy-listing.ts';
import { zipSpans } from './zip-spans.ts';

/**
 * Lists the examples of an NPZ file (`numpy.savez`) that is too large to be held, and isn't compressed: arrays `images`
 * and `labels`, as `listNpy` takes them.
 *
 * @param layout of 4-dimensional images; told from their shape where left out.
 * @throws PerimeterError `InvalidDataset`, one sentence that names the file; and whatever the folder throws.
 */
export async function listNpz(
  folder: InputFolder,
  { file, layout }: { file: string; layout?: ImageLayout | undefined },
): Promise<Listing> {
  const { names, spans } = await zipSpans(folder, file, ['images.npy', 'labels.npy']);
  const array = (key: string): NpySpan => {
    const span = spans.get(`${key}.npy`);
    if (span !== undefined) return { ...span, key: file, name: `"${key}" of ${folder.url(file)}` };
    const found = names.map((name) => name.replace(/\.npy$/, '')).join(', ') || 'nothing';
    throw new PerimeterError('InvalidDataset', `${folder.url(file)} has no array "${key}"; it holds ${found}.`);
  };
  return npyListing(folder, { images: array('images'), labels: array('labels'), layout });
}
