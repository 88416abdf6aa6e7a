import type { TopClassAlone } from '../graph/top-class-alone.ts';

interface Case {
  readonly what: string;
  readonly logits: Float32Array;
  /** −1 for none. */
  readonly expected: number;
}

/**
 * Makes sure that a device finds top classes as a certificate takes them to be found: no class in a row with a NaN,
 * infinities in their order, the lowest of equal ones. WGSL lets an implementation assume that there are no NaN and no infinities
 * (W3C, WebGPU Shading Language, "Floating Point Evaluation"), and which ones do is not known in advance.
 *
 * @throws Error with a sentence that says what was found.
 */
export async function checkTopClass(device: TopClassAlone): Promise<void> {
  const { batchSize, classes } = device;
  const cases = casesOf(classes);
  try {
    for (let first = 0; first < cases.length; first += batchSize) {
      const batch = new Float32Array(batchSize * classes);
      const rows = cases.slice(first, first + batchSize);
      for (const [row, { logits }] of rows.entries()) batch.set(logits, row * classes);
      const found = await device.topClasses(batch);
      const wrong = rows.findIndex(({ expected }, row) => found[row] !== expected);
      if (wrong === -1) continue;
      const { what, expected } = rows[wrong];
      throw new Error(
        `This device's arithmetic can't be relied on: of logits with ${what} it takes ${named(found[wrong])} for the top class, and it is ${named(expected)}. Another driver or device may do better.`,
      );
    }
  } finally {
    await device.close();
  }
}

function named(topClass: number): string {
  return topClass < 0 ? 'none' : `class ${topClass}`;
}

/** Rows with something special at the first, a middle and the last class. */
function casesOf(classes: number): Case[] {
  const last = classes - 1;
  const places = [...new Set([0, Math.floor(classes / 2), last])];
  const row = (fill: (index: number) => number) => Float32Array.from({ length: classes }, (_, index) => fill(index));
  const at = (place: number, value: number, others: (index: number) => number) =>
    row((index) => (index === place ? value : others(index)));
  const finite = (index: number) => -1 - (index % 7);
  const all = (value: number) => () => value;
  return [
    { what: 'nothing but NaN', logits: row(all(NaN)), expected: -1 },
    { what: 'nothing but −∞', logits: row(all(-Infinity)), expected: 0 },
    { what: 'nothing but +∞', logits: row(all(Infinity)), expected: 0 },
    { what: 'nothing but equal numbers', logits: row(all(2.5)), expected: 0 },
    ...places.flatMap((place) => [
      { what: `a NaN for class ${place}`, logits: at(place, NaN, finite), expected: -1 },
      { what: `a NaN for class ${place} and +∞ for all others`, logits: at(place, NaN, all(Infinity)), expected: -1 },
      { what: `a NaN for class ${place} and −∞ for all others`, logits: at(place, NaN, all(-Infinity)), expected: -1 },
      { what: `+∞ for class ${place}`, logits: at(place, Infinity, finite), expected: place },
      { what: `−∞ for all but class ${place}`, logits: at(place, -2.5, all(-Infinity)), expected: place },
      { what: `a number above all others for class ${place}`, logits: at(place, 0.5, finite), expected: place },
      {
        what: `equal numbers from class ${place} on`,
        logits: row((index) => (index < place ? finite(index) : 0.25)),
        expected: place,
      },
    ]),
  ];
}
