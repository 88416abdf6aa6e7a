/**
 * The fast form of lattice-noise.ts in AssemblyScript (WASM SIMD): rows of pixels + noise, the same integers.
 *
 * A row is worked in tiles of TILE_GROUPS groups, a group being four Philox blocks: 16 elements. With the counter
 * (block, sample, example, phase) most of Philox's first two rounds is the same for every sample of an example, so that
 * part is computed once a tile (`prepareTile`) and the samples' loop runs inside. Each sample's tile takes two passes:
 * `decide` answers every word from the guide table without a branch and notes which groups hold an undecided word;
 * `search` settles those words alone by the thresholds.
 *
 * The memory is imported and never grows. Its fixed part is laid out here; noise-kernel.ts fills it through these exports.
 */

/** Ten pairs of u32: the round keys. */
export const KEYS: usize = 0x100;
/** Rounds 3 to 10: pairs of round keys, each repeated to fill a vector. */
export const KEY_VECTORS: usize = 0x180;
/** Where `decide` writes the last group of a row that ends inside it. */
const PARTIAL: usize = 0x280;
/** One u32 for a group with undecided elements: group << 16 | mask of elements. */
const UNDECIDED: usize = 0x400;
const TILE_GROUPS: u32 = 64;
/** Three vectors a group: what the first two rounds leave of words 0, 1 and 2, without the sample's part. */
const TILE: usize = 0x800;
/** Four vectors a group: vector j holds Philox word j of the group's four blocks. */
const WORDS: usize = 0x2000;
/** LatticeTable's guide, upper and lower. */
export const GUIDE: usize = 0x4000;
export const UPPER: usize = 0x24000;
export const LOWER: usize = 0x44000;
/** The caller lays out pixels (padded to whole groups) and the batch from here on. */
export const FREE: usize = 0x64000;

const M0: u32 = 0xd2511f53;
const M1: u32 = 0xcd9e8d57;
const REFINEMENT: u32 = 0x80000000;

function high(product: u64): u32 {
  return <u32>(product >> 32);
}

/** Of four 64-bit products in two vectors, the lower halves. */
function lows(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 0, 2, 4, 6);
}

/** Of four 64-bit products in two vectors, the upper halves. */
function highs(a: v128, b: v128): v128 {
  return v128.shuffle<i32>(a, b, 1, 3, 5, 7);
}

/** Rounds 1 and 2 as far as they do not depend on the sample. */
function prepareTile(firstBlock: u32, groups: u32, example: u32, phase: u32): void {
  const m0 = i32x4.splat(M0);
  const m1 = i32x4.splat(M1);
  const key1 = i32x4.splat(phase ^ load<u32>(KEYS, 4));
  const key2 = i32x4.splat((example * M1) ^ load<u32>(KEYS, 8));
  let block = i32x4.add(i32x4.splat(firstBlock), i32x4(0, 1, 2, 3));
  for (let g: usize = 0; g < <usize>groups; g++) {
    const a0 = i64x2.extmul_low_i32x4_u(block, m0);
    const b0 = i64x2.extmul_high_i32x4_u(block, m0);
    const x2 = v128.xor(highs(a0, b0), key1);
    const a1 = i64x2.extmul_low_i32x4_u(x2, m1);
    const b1 = i64x2.extmul_high_i32x4_u(x2, m1);
    v128.store(g * 48, v128.xor(highs(a1, b1), key2), TILE);
    v128.store(g * 48, lows(a1, b1), TILE + 16);
    v128.store(g * 48, lows(a0, b0), TILE + 32);
    block = i32x4.add(block, i32x4.splat(4));
  }
}

/** First pass: Philox's words to WORDS, pixels + guide values to the row. Returns how many groups need the second. */
function decide<T>(pixels: usize, row: usize, groups: u32, wholeGroups: u32, example: u32, sample: u32): u32 {
  const m0 = i32x4.splat(M0);
  const m1 = i32x4.splat(M1);
  const cellMask = i32x4.splat(0x1fffe);
  const product = <u64>(high(<u64>example * M1) ^ sample ^ load<u32>(KEYS)) * M0;
  const key2 = i32x4.splat(high(product) ^ load<u32>(KEYS, 12));
  const word3 = i32x4.splat(<u32>product);
  let undecided: usize = 0;
  for (let g: u32 = 0; g < groups; g++) {
    let x0 = v128.load(<usize>g * 48, TILE);
    let x1 = v128.load(<usize>g * 48, TILE + 16);
    let x2 = v128.xor(v128.load(<usize>g * 48, TILE + 32), key2);
    let x3 = word3;
    for (let round: usize = 0; round < 8; round++) {
      const a0 = i64x2.extmul_low_i32x4_u(x0, m0);
      const b0 = i64x2.extmul_high_i32x4_u(x0, m0);
      const a1 = i64x2.extmul_low_i32x4_u(x2, m1);
      const b1 = i64x2.extmul_high_i32x4_u(x2, m1);
      x0 = v128.xor(v128.xor(highs(a1, b1), x1), v128.load(round * 32, KEY_VECTORS));
      x1 = lows(a1, b1);
      x2 = v128.xor(v128.xor(highs(a0, b0), x3), v128.load(round * 32, KEY_VECTORS + 16));
      x3 = lows(a0, b0);
    }
    v128.store(<usize>g * 64, x0, WORDS);
    v128.store(<usize>g * 64, x1, WORDS + 16);
    v128.store(<usize>g * 64, x2, WORDS + 32);
    v128.store(<usize>g * 64, x3, WORDS + 48);

    // Twice the upper 16 bits: a word's offset in the guide.
    x0 = v128.and(i32x4.shr_u(x0, 15), cellMask);
    x1 = v128.and(i32x4.shr_u(x1, 15), cellMask);
    x2 = v128.and(i32x4.shr_u(x2, 15), cellMask);
    x3 = v128.and(i32x4.shr_u(x3, 15), cellMask);
    let lo = i16x8.splat(0);
    let hi = i16x8.splat(0);
    lo = v128.load16_lane(i32x4.extract_lane(x0, 0), lo, 0, GUIDE);
    lo = v128.load16_lane(i32x4.extract_lane(x1, 0), lo, 1, GUIDE);
    lo = v128.load16_lane(i32x4.extract_lane(x2, 0), lo, 2, GUIDE);
    lo = v128.load16_lane(i32x4.extract_lane(x3, 0), lo, 3, GUIDE);
    lo = v128.load16_lane(i32x4.extract_lane(x0, 1), lo, 4, GUIDE);
    lo = v128.load16_lane(i32x4.extract_lane(x1, 1), lo, 5, GUIDE);
    lo = v128.load16_lane(i32x4.extract_lane(x2, 1), lo, 6, GUIDE);
    lo = v128.load16_lane(i32x4.extract_lane(x3, 1), lo, 7, GUIDE);
    hi = v128.load16_lane(i32x4.extract_lane(x0, 2), hi, 0, GUIDE);
    hi = v128.load16_lane(i32x4.extract_lane(x1, 2), hi, 1, GUIDE);
    hi = v128.load16_lane(i32x4.extract_lane(x2, 2), hi, 2, GUIDE);
    hi = v128.load16_lane(i32x4.extract_lane(x3, 2), hi, 3, GUIDE);
    hi = v128.load16_lane(i32x4.extract_lane(x0, 3), hi, 4, GUIDE);
    hi = v128.load16_lane(i32x4.extract_lane(x1, 3), hi, 5, GUIDE);
    hi = v128.load16_lane(i32x4.extract_lane(x2, 3), hi, 6, GUIDE);
    hi = v128.load16_lane(i32x4.extract_lane(x3, 3), hi, 7, GUIDE);

    const mask: u32 = i8x16.bitmask(i8x16.narrow_i16x8_s(i16x8.shl(lo, 15), i16x8.shl(hi, 15)));
    store<u32>(undecided << 2, (g << 16) | mask, UNDECIDED);
    undecided += <usize>(mask !== 0);

    lo = i16x8.shr_s(lo, 1);
    hi = i16x8.shr_s(hi, 1);
    const from = pixels + <usize>g * 16 * sizeof<T>();
    const to = g < wholeGroups ? row + <usize>g * 16 * sizeof<T>() : PARTIAL;
    if (sizeof<T>() === 2) {
      v128.store(to, i16x8.add(lo, v128.load(from)));
      v128.store(to, i16x8.add(hi, v128.load(from, 16)), 16);
    } else {
      v128.store(to, i32x4.add(i32x4.extend_low_i16x8_s(lo), v128.load(from)));
      v128.store(to, i32x4.add(i32x4.extend_high_i16x8_s(lo), v128.load(from, 16)), 16);
      v128.store(to, i32x4.add(i32x4.extend_low_i16x8_s(hi), v128.load(from, 32)), 32);
      v128.store(to, i32x4.add(i32x4.extend_high_i16x8_s(hi), v128.load(from, 48)), 48);
    }
  }
  return <u32>undecided;
}

/** Word `lane` of the Philox block with this counter, by the textbook. */
function philoxWord(block: u32, sample: u32, example: u32, phase: u32, lane: u32): u32 {
  let x0 = block;
  let x1 = sample;
  let x2 = example;
  let x3 = phase;
  for (let round: usize = 0; round < 10; round++) {
    const p0 = <u64>x0 * M0;
    const p1 = <u64>x2 * M1;
    x0 = high(p1) ^ x1 ^ load<u32>(round * 8, KEYS);
    x1 = <u32>p1;
    x2 = high(p0) ^ x3 ^ load<u32>(round * 8, KEYS + 4);
    x3 = <u32>p0;
  }
  return lane === 0 ? x0 : lane === 1 ? x1 : lane === 2 ? x2 : x3;
}

/** How many thresholds are at or below the 64-bit uniform whose upper half is `word`, from `start` on. */
function count(
  start: i32,
  word: u32,
  thresholds: i32,
  block: u32,
  lane: u32,
  sample: u32,
  example: u32,
  phase: u32,
): i32 {
  let i = start;
  while (i < thresholds && load<u32>((<usize>i) << 2, UPPER) < word) i++;
  if (i < thresholds && load<u32>((<usize>i) << 2, UPPER) === word) {
    const lower = philoxWord(block, sample, example, phase | REFINEMENT, lane);
    while (i < thresholds && load<u32>((<usize>i) << 2, UPPER) === word && load<u32>((<usize>i) << 2, LOWER) <= lower)
      i++;
  }
  return i;
}

/** Second pass: settles the undecided elements. */
function search<T>(
  pixels: usize,
  row: usize,
  elements: u32,
  undecided: u32,
  least: i32,
  thresholds: i32,
  firstBlock: u32,
  sample: u32,
  example: u32,
  phase: u32,
): void {
  for (let u: usize = 0; u < <usize>undecided; u++) {
    const entry = load<u32>(u << 2, UNDECIDED);
    const group = entry >> 16;
    for (let mask = entry & 0xffff; mask !== 0; mask &= mask - 1) {
      const inGroup = <u32>ctz(mask);
      const e = group * 16 + inGroup;
      if (e >= elements) break;
      const lane = inGroup & 3;
      const word = load<u32>(<usize>(group * 64 + lane * 16 + (inGroup >> 2) * 4), WORDS);
      const start = ((<i32>load<i16>((<usize>(word >> 16)) << 1, GUIDE)) >> 1) - least;
      const noise = least + count(start, word, thresholds, firstBlock + (e >> 2), lane, sample, example, phase);
      const at = <usize>e * sizeof<T>();
      store<T>(row + at, <T>(<i32>load<T>(pixels + at) + noise));
    }
  }
}

function fill<T>(
  pixels: usize,
  rows: usize,
  dimensions: u32,
  samples: u32,
  least: i32,
  thresholds: i32,
  example: u32,
  firstSample: u32,
  phase: u32,
): void {
  for (let start: u32 = 0; start < dimensions; start += TILE_GROUPS * 16) {
    const elements = min<u32>(dimensions - start, TILE_GROUPS * 16);
    const wholeGroups = elements / 16;
    const groups = (elements + 15) / 16;
    const partial = <usize>(wholeGroups * 16 * sizeof<T>());
    const tilePixels = pixels + <usize>start * sizeof<T>();
    prepareTile(start / 4, groups, example, phase);
    for (let i: u32 = 0; i < samples; i++) {
      const row = rows + (<usize>i * dimensions + start) * sizeof<T>();
      const sample = firstSample + i;
      const undecided = decide<T>(tilePixels, row, groups, wholeGroups, example, sample);
      memory.copy(row + partial, PARTIAL, <usize>elements * sizeof<T>() - partial);
      search<T>(tilePixels, row, elements, undecided, least, thresholds, start / 4, sample, example, phase);
    }
  }
}

/**
 * Writes `samples` consecutive rows at address `rows`: the pixels at `pixels` plus the noise of samples `firstSample` on.
 * `least` is the support's minimum, `thresholds` their number.
 */
export function fillInt16(
  pixels: usize,
  rows: usize,
  dimensions: u32,
  samples: u32,
  least: i32,
  thresholds: i32,
  example: u32,
  firstSample: u32,
  phase: u32,
): void {
  fill<i16>(pixels, rows, dimensions, samples, least, thresholds, example, firstSample, phase);
}

/** fillInt16 for 32-bit pixels and rows. */
export function fillInt32(
  pixels: usize,
  rows: usize,
  dimensions: u32,
  samples: u32,
  least: i32,
  thresholds: i32,
  example: u32,
  firstSample: u32,
  phase: u32,
): void {
  fill<i32>(pixels, rows, dimensions, samples, least, thresholds, example, firstSample, phase);
}
