import { findImages } from './find-images.ts';

/** Builds the images before any test file begins: once, and for as long as it takes. */
export async function setup(): Promise<void> {
  await findImages();
}
