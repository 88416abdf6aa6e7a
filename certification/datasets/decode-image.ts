import type { Sharp, SharpOptions } from 'sharp';
import { channelsFirst } from './channels-first.ts';
import type { ImageOptions } from './image-options.ts';
import { unreadable } from './unreadable.ts';

/**
 * The most pixels of an image: a file of some kilobytes can declare billions. ImageNet's largest has 61 million.
 */
const MAX_PIXELS = 2 ** 27;

const kernels = { bilinear: 'linear', bicubic: 'cubic', lanczos: 'lanczos3' } as const;

const options: SharpOptions = {
  // What PIL refuses too; it reads past what libjpeg only warns of, as several ImageNet files have it.
  failOn: 'error',
  limitInputPixels: MAX_PIXELS,
  // Classifiers are trained on pixels as stored: neither PIL nor OpenCV applies colour profiles or turns images.
  ignoreIcc: true,
  autoOrient: false,
  // The first picture of an animation.
  pages: 1,
  sequentialRead: true,
};

type RawImage = NonNullable<SharpOptions['raw']>;
type Open = (bytes: Uint8Array, raw?: RawImage) => Sharp;

let loaded: Promise<Open> | undefined;

/** libvips is large, and most processes never need it. Its own threads and cache are off: images are decoded side by side. */
async function load(): Promise<Open> {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  return (bytes, raw) => sharp(bytes, raw === undefined ? options : { raw });
}

export interface Pixels {
  /** `[channels, height, width]` */
  readonly shape: readonly [number, number, number];
  /** In that order. */
  readonly values: Uint8Array;
}

/**
 * Decodes a JPEG, PNG or WebP file and brings it to its shape as torchvision's `Resize` and `CenterCrop` do: the
 * shorter side is resized, the longer one follows, rounded down; the crop is of the centre, halves rounded to even.
 *
 * @throws PerimeterError `UnreadableExample` where the file is none of them or is damaged, where it has more than 2²⁷
 * pixels, and where it is smaller than the crop.
 */
export async function decodeImage(bytes: Uint8Array, image: ImageOptions): Promise<Pixels> {
  if (!isImage(bytes)) throw unreadable('is neither a JPEG, a PNG nor a WebP file');
  const open = await (loaded ??= load());
  const { width, height, space } = await decoded(() => open(bytes).metadata());
  if (width * height > MAX_PIXELS)
    throw unreadable(`is ${width}×${height}, more than the ${MAX_PIXELS} pixels allowed for it`);
  const size = resized({ width, height }, image.resize);
  const { crop } = image;
  if (crop !== null && Math.min(size.width, size.height) < crop) {
    throw unreadable(`is ${size.width}×${size.height}, smaller than the crop of ${crop}×${crop}`);
  }
  const { data, info } = await decoded(async () => {
    let pipeline = space === 'cmyk' ? await openPrint(open, bytes) : open(bytes).removeAlpha().toColourspace('srgb');
    if (size.width !== width || size.height !== height) {
      // Without shrinking by whole factors while decoding, whose result differs more from that of other tools.
      const kernel = kernels[image.interpolation];
      pipeline = pipeline.resize({ ...size, fit: 'fill', kernel, fastShrinkOnLoad: false });
    }
    if (crop !== null) {
      const left = centred(size.width - crop);
      const top = centred(size.height - crop);
      pipeline = pipeline.extract({ left, top, width: crop, height: crop });
    }
    return pipeline.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  });
  const values = new Uint8Array(data.buffer, data.byteOffset, data.length);
  const rgb = info.channels === 1 ? repeated(values) : values;
  const { channels } = image;
  return {
    shape: [channels, info.height, info.width],
    values: channels === 1 ? grey(rgb) : channelsFirst(rgb, 3),
  };
}

/** An image in the colours of print, in red, green and blue by PIL's arithmetic; several of ImageNet are such. */
async function openPrint(open: Open, bytes: Uint8Array): Promise<Sharp> {
  const { data, info } = await open(bytes)
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const rgb = new Uint8Array(3 * info.width * info.height);
  for (let pixel = 0; pixel < info.width * info.height; pixel++) {
    const light = 255 - data[4 * pixel + 3];
    for (let ink = 0; ink < 3; ink++) {
      const product = data[4 * pixel + ink] * light + 128;
      rgb[3 * pixel + ink] = light - (((product >> 8) + product) >> 8);
    }
  }
  return open(rgb, { width: info.width, height: info.height, channels: 3 });
}

/** By its first bytes: of the many formats that libvips reads, the three that test sets come in. */
function isImage(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 12)).toString('latin1');
  return head.startsWith('\xff\xd8\xff') || head.startsWith('\x89PNG\r\n\x1a\n') || /^RIFF....WEBP/s.test(head);
}

async function decoded<T>(decode: () => Promise<T>): Promise<T> {
  try {
    return await decode();
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    // A machine that is out of memory says nothing about the image.
    if (/memory|allocat/i.test(said)) throw cause;
    if (/pixel limit/i.test(said)) throw unreadable(`has more than the ${MAX_PIXELS} pixels allowed for it`, cause);
    throw unreadable("can't be decoded: its file is damaged or not whole", cause);
  }
}

function resized(size: { width: number; height: number }, resize: number | null): { width: number; height: number } {
  const { width, height } = size;
  if (resize === null) return size;
  return width <= height
    ? { width: resize, height: Math.floor((resize * height) / width) }
    : { width: Math.floor((resize * width) / height), height: resize };
}

/** Half of it; a half left over goes to the even neighbour, as in Python's `round`. */
function centred(spare: number): number {
  const half = Math.floor(spare / 2);
  return spare % 2 === 0 || half % 2 === 0 ? half : half + 1;
}

function repeated(values: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(3 * values.length);
  for (let at = 0; at < values.length; at++) rgb.fill(values[at], 3 * at, 3 * at + 3);
  return rgb;
}

/** Luma of ITU-R 601-2 in PIL's integer arithmetic. */
function grey(rgb: Uint8Array): Uint8Array {
  const luma = new Uint8Array(rgb.length / 3);
  for (let at = 0; at < luma.length; at++) {
    luma[at] = (19595 * rgb[3 * at] + 38470 * rgb[3 * at + 1] + 7471 * rgb[3 * at + 2] + 0x8000) >> 16;
  }
  return luma;
}
