import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeImage } from '../../certification/datasets/decode-image.ts';
import { decoderProbe } from '../../certification/datasets/decoder-probe.ts';
import type { ImageOptions } from '../../certification/datasets/image-options.ts';
import { readTestFile } from './read-test-file.ts';

const asItIs: ImageOptions = { resize: null, crop: null, interpolation: 'bilinear', channels: 3 };

interface Picture {
  readonly shape: number[];
  readonly deflated: string;
}

/** What PIL makes of each file in mode RGB, channels first. */
const pil = (
  JSON.parse(readFileSync(new URL('files/image-files.json', import.meta.url), 'utf8')) as {
    pixels: Record<string, Picture>;
  }
).pixels;
const pictures = Object.keys(pil).filter((path) => !path.endsWith('grey-16-bit.png'));

/** A picture whose value at each pixel is a function of its place. */
function picture({ width, height, value }: { width: number; height: number; value: (x: number, y: number) => number }) {
  const data = Uint8Array.from({ length: 3 * width * height }, (_, at) =>
    value(Math.floor(at / 3) % width, Math.floor(at / 3 / width)),
  );
  return sharp(data, { raw: { width, height, channels: 3 } });
}

async function png(options: Parameters<typeof picture>[0]): Promise<Uint8Array> {
  return new Uint8Array(await picture(options).png().toBuffer());
}

const reasonOf = async (decoding: Promise<unknown>): Promise<string> => {
  const error: unknown = await decoding.then(
    () => new Error('it was decoded'),
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'UnreadableExample' });
  return (error as Error).message;
};

describe('an image decodes to the pixels that PIL reads', () => {
  it.each(pictures)('%s', async (path) => {
    const { shape, values } = await decodeImage(await readTestFile(path), asItIs);
    expect(shape).toEqual(pil[path].shape);
    const expected = inflateSync(Buffer.from(pil[path].deflated, 'base64'));
    const furthest = values.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at])), 0);
    expect(furthest).toBeLessThanOrEqual(/jpe?g$/i.test(path) ? 1 : 0);
  });

  it('but for 16-bit grey, which PIL cuts off at 255: the upper byte of each value', async () => {
    const path = 'image-folder/dog/grey-16-bit.png';
    const bytes = await readTestFile(path);
    const { data } = await sharp(bytes)
      .toColourspace('grey16')
      .raw({ depth: 'ushort' })
      .toBuffer({ resolveWithObject: true });
    const { values } = await decodeImage(bytes, { ...asItIs, channels: 1 });
    expect(Array.from(values)).toEqual(Array.from({ length: values.length }, (_, at) => data[2 * at + 1]));
  });
});

describe('images are brought to one shape', () => {
  it('by the shorter side, the longer rounded down, and a crop of the centre, halves to even, as torchvision does', async () => {
    // 100×75 by 50 is 66.7 wide, so 66.
    const bytes = await png({ width: 100, height: 75, value: (x, y) => (x + 2 * y) % 256 });
    const whole = await decodeImage(bytes, { ...asItIs, resize: 50 });
    expect(whole.shape).toEqual([3, 50, 66]);
    for (const { crop, left, top } of [
      // round(16.5) and round(8.5), round(17.5) and round(9.5) in Python.
      { crop: 33, left: 16, top: 8 },
      { crop: 31, left: 18, top: 10 },
      { crop: 32, left: 17, top: 9 },
    ]) {
      const { shape, values } = await decodeImage(bytes, { ...asItIs, resize: 50, crop });
      expect(shape).toEqual([3, crop, crop]);
      const rows = Array.from({ length: crop }, (_, row) => {
        const from = (top + row) * 66 + left;
        return Array.from(whole.values.subarray(from, from + crop));
      });
      expect(Array.from(values.subarray(0, crop * crop))).toEqual(rows.flat());
    }
  });

  it.each(['bilinear', 'bicubic', 'lanczos'] as const)('%s keeps a slope a slope', async (interpolation) => {
    const bytes = await png({ width: 240, height: 240, value: (x) => x });
    const { values } = await decodeImage(bytes, { ...asItIs, resize: 80, interpolation });
    for (let x = 4; x < 76; x++) expect(Math.abs(values[40 * 80 + x] - (3 * x + 1))).toBeLessThanOrEqual(1);
  });

  it('kernels differ', async () => {
    const bytes = await readTestFile('image-folder/cat/420.jpg');
    const all = await Promise.all(
      (['bilinear', 'bicubic', 'lanczos'] as const).map(async (interpolation) => {
        const { values } = await decodeImage(bytes, { ...asItIs, resize: 16, interpolation });
        return Buffer.from(values).toString('hex');
      }),
    );
    expect(new Set(all).size).toBe(3);
  });

  it('in grey by the weights of ITU-R 601-2', async () => {
    const data = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 200, 90);
    const bytes = await sharp(data, { raw: { width: 4, height: 1, channels: 3 } })
      .png()
      .toBuffer();
    const { shape, values } = await decodeImage(bytes, { ...asItIs, channels: 1 });
    expect(shape).toEqual([1, 1, 4]);
    expect(Array.from(values)).toEqual([76, 150, 29, 131]);
  });
});

describe('an image that can’t be read says why, the same way everywhere', () => {
  it('cut off', async () => {
    for (const path of ['image-folder/cat/420.jpg', 'image-folder/dog/rgb.png', 'image-folder/Zebra/lossy.webp']) {
      const bytes = await readTestFile(path);
      expect(await reasonOf(decodeImage(bytes.subarray(0, bytes.length / 2), asItIs))).toBe(
        "its image can't be decoded: its file is damaged or not whole",
      );
    }
  });

  it('another format, though libvips reads it', async () => {
    const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    const gif = await picture({ width: 9, height: 9, value: (x) => x })
      .gif()
      .toBuffer();
    for (const bytes of [svg, gif, new Uint8Array()]) {
      expect(await reasonOf(decodeImage(bytes, asItIs))).toBe('its image is neither a JPEG, a PNG nor a WebP file');
    }
  });

  it('a bomb: refused by its header, before there is memory for it', async () => {
    const bytes = await png({ width: 8, height: 8, value: () => 0 });
    // A PNG header declares width and height at 16 and 20; its checksum, at 29, is of the 17 bytes before.
    const { crc32 } = await import('node:zlib');
    const bomb = Buffer.from(bytes);
    bomb.writeUInt32BE(100_000, 16);
    bomb.writeUInt32BE(100_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    const before = process.memoryUsage().rss;
    expect(await reasonOf(decodeImage(bomb, asItIs))).toBe(
      'its image has more than the 134217728 pixels allowed for it',
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });

  it('smaller than the crop', async () => {
    const bytes = await png({ width: 20, height: 30, value: () => 0 });
    expect(await reasonOf(decodeImage(bytes, { ...asItIs, crop: 24 }))).toBe(
      'its image is 20×30, smaller than the crop of 24×24',
    );
  });
});

it('the decoder’s probe is a function of the kernel', async () => {
  const probes = await Promise.all(
    (['bilinear', 'bicubic', 'lanczos'] as const).map((interpolation) => decoderProbe({ interpolation })),
  );
  expect(new Set(probes).size).toBe(3);
  for (const probe of probes) expect(probe).toMatch(/^[0-9a-f]{64}$/);
});
