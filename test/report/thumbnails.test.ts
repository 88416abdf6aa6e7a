import { describe, expect, it } from 'vitest';
import {
  encodeThumbnails,
  mostThumbnails,
  parseThumbnails,
  shrinkImage,
  thumbnailShape,
} from '../../certification/report/thumbnails.ts';
import { sampleClaim } from './sample-certificates.ts';

const claimOf = (shape: number[]) => {
  const claim = sampleClaim({ examples: 1 });
  return { ...claim, model: { ...claim.model, shape } };
};

describe('thumbnailShape', () => {
  it.each([
    [[1, 28, 28], { channels: 1, height: 28, width: 28 }],
    [[3, 32, 32], { channels: 3, height: 32, width: 32 }],
    [[3, 33, 32], { channels: 3, height: 17, width: 16 }],
    [[3, 224, 224], { channels: 3, height: 32, width: 32 }],
    [[3, 299, 480], { channels: 3, height: 20, width: 32 }],
    [[784], undefined],
    [[4, 32, 32], undefined],
  ])('of %j is %j', (shape, expected) => {
    expect(thumbnailShape(claimOf(shape))).toEqual(expected);
  });

  it('is none where examples only stand for some', () => {
    const stub = { classes: 10, pA: { a: 1, b: 1 } } as never;
    expect(thumbnailShape({ ...claimOf([1, 28, 28]), stub })).toBeUndefined();
  });

  it('leaves room for so many', () => {
    expect(mostThumbnails({ width: 28, height: 28, channels: 1 })).toBe(2674);
    expect(mostThumbnails({ width: 32, height: 32, channels: 3 })).toBe(682);
  });
});

describe('shrinkImage', () => {
  it('puts the channels of each pixel side by side, and leaves a small image as it is', () => {
    const values = Uint8Array.from({ length: 12 }, (_, at) => at);
    expect([...shrinkImage(values, [3, 2, 2])]).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
    expect([...shrinkImage(values, [1, 3, 4])]).toEqual([...values]);
  });

  it('takes the mean of blocks, rounded half up, and of what is left at the edges', () => {
    // 33 × 33: blocks of 2 × 2, and of one column and row at the edges.
    const values = new Uint8Array(33 * 33);
    values.set([1, 2], 0);
    values.set([0, 0], 33);
    values[32] = 9;
    values[33 + 32] = 10;
    values[33 * 33 - 1] = 77;
    const shrunk = shrinkImage(values, [1, 33, 33]);
    expect(shrunk).toHaveLength(17 * 17);
    // 3/4 and 19/2.
    expect([shrunk[0], shrunk[1], shrunk[16], shrunk[17 * 17 - 1]]).toEqual([1, 0, 10, 77]);
  });

  it('shows of float32 values those from 0 to 1', () => {
    expect([...shrinkImage(Float32Array.of(-1, 0, 0.5, 1, 2, 1 / 255), [1, 2, 3])]).toEqual([0, 0, 128, 255, 255, 1]);
  });
});

describe('thumbnails.bin', () => {
  const shape = { width: 2, height: 3, channels: 1 } as const;
  const thumbnails = { ...shape, indices: [40, 0], pixels: Uint8Array.from({ length: 12 }, (_, at) => 10 * at + 10) };
  const bytes = encodeThumbnails(thumbnails);

  it('is a line of JSON and the pixels', () => {
    const line = '{"version":1,"width":2,"height":3,"channels":1,"indices":[40,0]}\n';
    expect(Buffer.from(bytes).toString('latin1')).toBe(line + Buffer.from(thumbnails.pixels).toString('latin1'));
    expect(parseThumbnails(bytes, shape)).toEqual(thumbnails);
  });

  it.each<[string, Uint8Array]>([
    ['a byte too few', bytes.subarray(0, -1)],
    ['a byte too many', Buffer.concat([bytes, Buffer.alloc(1)])],
    ['another shape', encodeThumbnails({ ...thumbnails, width: 3, height: 2 })],
    ['another spelling', Buffer.from(Buffer.from(bytes).toString('latin1').replace(',"width"', ', "width"'), 'latin1')],
    ['an index that is none', encodeThumbnails({ ...thumbnails, indices: [-1, 0] })],
    ['no line', new Uint8Array(5)],
    ['no JSON', Buffer.from('{"version"\n')],
  ])('is refused with %s', (_, other) => {
    expect(parseThumbnails(other, shape)).toBeUndefined();
  });
});
