import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { noiseKey } from '../../certification/noise/noise-key.ts';

test('a key is the first 64 bits of SHA-256 over seed and digest', () => {
  const hash = createHash('sha256').update('["perimeter-noise","nightly \\"7\\"","00ff"]').digest('hex');
  const key = noiseKey({ seed: 'nightly "7"', claimDigest: '00ff' });
  expect(key.map((word) => word.toString(16).padStart(8, '0')).join('')).toBe(hash.slice(0, 16));
});

test('runs that differ in seed or digest get different keys, wherever the text is divided', () => {
  const pairs = [
    { seed: '', claimDigest: 'abcd' },
    { seed: 'ab', claimDigest: 'cd' },
    { seed: 'abcd', claimDigest: 'ab' },
    { seed: '","', claimDigest: 'cd' },
    { seed: '\ud800', claimDigest: 'cd' },
    { seed: '\ufffd', claimDigest: 'cd' },
  ];
  expect(new Set(pairs.map((pair) => noiseKey(pair).join())).size).toBe(pairs.length);
});

test('a digest that is not lower-case hexadecimal is refused', () => {
  expect(() => noiseKey({ seed: '0', claimDigest: 'ABCD' })).toThrow(RangeError);
  expect(() => noiseKey({ seed: '0', claimDigest: '' })).toThrow(RangeError);
});
