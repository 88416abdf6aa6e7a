import { expect, test } from 'vitest';
import { deviceNoiseSeed, DEVICE_NOISE_SEEDS, seedAt } from '../../certification/noise/device-noise-seed.ts';

const nonce = (at: number) => Buffer.alloc(32, at);

test('the seeds are the whole numbers below 2⁶⁴ that a float32 holds, each once', () => {
  const interesting = [0, 1, 2 ** 23, 2 ** 24 - 1, 2 ** 24, 2 ** 24 + 2 ** 23, 2 ** 25, DEVICE_NOISE_SEEDS - 1];
  for (const index of interesting) {
    const seed = seedAt(index);
    expect(Math.fround(seed)).toBe(seed);
    expect(Number.isInteger(seed)).toBe(true);
    if (index === 0) continue;
    // The float32 before it.
    const bits = new Uint32Array(Float32Array.of(seed).buffer);
    const [before] = new Float32Array(Uint32Array.of(bits[0] - 1).buffer);
    expect(seedAt(index - 1)).toBe(index <= 2 ** 24 ? seed - 1 : before);
  }
  expect(seedAt(DEVICE_NOISE_SEEDS - 1)).toBe(2 ** 64 - 2 ** 40);
  // Two processes share one with a probability of 3e-9.
  expect(1 / DEVICE_NOISE_SEEDS).toBeLessThan(3e-9);
});

test('the seed depends on the run’s key and on the process’s nonce', () => {
  const seed = deviceNoiseSeed({ key: [1, 2], nonce: nonce(0) });
  expect(deviceNoiseSeed({ key: [1, 2], nonce: nonce(0) })).toBe(seed);
  const others = [
    deviceNoiseSeed({ key: [1, 3], nonce: nonce(0) }),
    deviceNoiseSeed({ key: [2, 2], nonce: nonce(0) }),
    deviceNoiseSeed({ key: [1, 2], nonce: nonce(1) }),
  ];
  expect(new Set([seed, ...others]).size).toBe(4);
});

test('seeds are spread evenly over the numbers there are', () => {
  const count = 4_000;
  const logarithms = Array.from({ length: count }, (_, at) =>
    Math.log2(Math.max(1, deviceNoiseSeed({ key: [at, 0], nonce: nonce(7) }))),
  );
  // 2 of 42 parts lie below 2²⁴, one in each of the 40 binades beyond.
  const below = logarithms.filter((logarithm) => logarithm < 24).length;
  const upper = logarithms.filter((logarithm) => logarithm >= 44).length;
  const deviations = (found: number, share: number) => (found - count * share) / Math.sqrt(count * share * (1 - share));
  expect(Math.abs(deviations(below, 2 / 42))).toBeLessThan(4.5);
  expect(Math.abs(deviations(upper, 20 / 42))).toBeLessThan(4.5);
});
