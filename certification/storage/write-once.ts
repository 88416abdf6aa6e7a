import { createOnce } from './create-once.ts';

/**
 * Writes a file that isn't there yet, whole or not at all.
 *
 * @returns false where something is there already
 */
export async function writeOnce(path: string, bytes: Uint8Array): Promise<boolean> {
  const file = await createOnce(path);
  try {
    await file.write(bytes);
  } catch (error) {
    await file.discard();
    throw error;
  }
  return file.finish();
}
