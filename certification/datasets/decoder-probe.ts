import { createHash } from 'node:crypto';
import { decodeImage } from './decode-image.ts';
import { decoderProbeImages } from './decoder-probe-images.ts';
import type { ImageOptions } from './image-options.ts';

const probes = new Map<string, Promise<string>>();

/**
 * SHA-256, 64 hexadecimal digits, of the pixels that two fixed files come to here: as they are, made smaller and made
 * larger. Another version of the decoder, or another processor's instructions, may round differently; where this digest
 * is the same, so are the pixels.
 */
export function decoderProbe({ interpolation }: Pick<ImageOptions, 'interpolation'>): Promise<string> {
  const known = probes.get(interpolation);
  if (known !== undefined) return known;
  const probe = computeProbe(interpolation);
  probes.set(interpolation, probe);
  return probe;
}

async function computeProbe(interpolation: ImageOptions['interpolation']): Promise<string> {
  const hash = createHash('sha256');
  for (const text of Object.values(decoderProbeImages)) {
    const bytes = Buffer.from(text, 'base64');
    for (const resize of [null, 21, 40, 75]) {
      hash.update((await decodeImage(bytes, { resize, crop: null, interpolation, channels: 3 })).values);
    }
  }
  return hash.digest('hex');
}
