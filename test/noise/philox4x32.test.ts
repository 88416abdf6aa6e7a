import fc from 'fast-check';
import { expect, test } from 'vitest';
import { philox4x32 } from '../../certification/noise/philox4x32.ts';
import type { PhiloxBlock, PhiloxCounter, PhiloxKey } from '../../certification/noise/philox4x32.ts';

const hex = (words: number[]): string => words.map((word) => word.toString(16).padStart(8, '0')).join(' ');

/** The definition, in integers of any size. */
function philoxByDefinition(counter: PhiloxCounter, key: PhiloxKey): PhiloxBlock {
  const u32 = 0xffffffffn;
  let [x0, x1, x2, x3] = counter.map(BigInt);
  let [k0, k1] = key.map(BigInt);
  for (let round = 0; round < 10; round++) {
    const p0 = x0 * 0xd2511f53n;
    const p1 = x2 * 0xcd9e8d57n;
    [x0, x1, x2, x3] = [(p1 >> 32n) ^ x1 ^ k0, p1 & u32, (p0 >> 32n) ^ x3 ^ k1, p0 & u32];
    k0 = (k0 + 0x9e3779b9n) & u32;
    k1 = (k1 + 0xbb67ae85n) & u32;
  }
  return [Number(x0), Number(x1), Number(x2), Number(x3)];
}

// Random123's kat_vectors.
test('Philox4x32-10 gives the published known answers', () => {
  expect(hex(philox4x32({ counter: [0, 0, 0, 0], key: [0, 0] }))).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
  const ones = 0xffffffff;
  expect(hex(philox4x32({ counter: [ones, ones, ones, ones], key: [ones, ones] }))).toBe(
    '408f276d 41c83b0e a20bc7c6 6d5451fd',
  );
  expect(
    hex(
      philox4x32({
        counter: [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
        key: [0xa4093822, 0x299f31d0],
      }),
    ),
  ).toBe('d16cfe09 94fdcceb 5001e420 24126ea1');
});

test('Philox4x32-10 equals its definition on any counter and key', () => {
  const word = fc.integer({ min: 0, max: 0xffffffff });
  fc.assert(
    fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
      expect(philox4x32({ counter, key })).toEqual(philoxByDefinition(counter, key));
    }),
    { numRuns: 2000, seed: 1 },
  );
});
