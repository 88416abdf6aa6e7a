import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { TensorProto_DataType } from 'onnx-buf';
import { halfBits, halfValue, largestHalf } from '../../certification/classifier/half/half.ts';
import { makeNode, makeValueInfo } from '../../certification/classifier/graph/onnx.ts';
import { buildModel } from '../models/build-model.ts';
import { random } from '../models/random.ts';
import { runModel } from '../models/run-model.ts';

const INFINITY = 0x7c00;
const isNaNBits = (bits: number) => (bits & 0x7fff) > INFINITY;

/** The float32 next to a positive one, `by` places further. */
function neighbour(value: number, by: number): number {
  const bits = new Uint32Array(1);
  new Float32Array(bits.buffer)[0] = value;
  bits[0] += by;
  return new Float32Array(bits.buffer)[0];
}

/** What ONNX Runtime's Cast makes of float32 values. */
async function castByRuntime(values: Float32Array): Promise<Uint16Array> {
  const model = buildModel({
    shape: [values.length],
    classes: 0,
    nodes: [makeNode('Cast', { input: ['input'], output: ['logits'] }, { to: BigInt(TensorProto_DataType.FLOAT16) })],
    outputs: [makeValueInfo('logits', TensorProto_DataType.FLOAT16, ['N', values.length])],
  });
  const { logits } = await runModel(model, { input: new Tensor('float32', values, [1, values.length]) });
  const { buffer, byteOffset } = logits.data as unknown as Uint16Array;
  return new Uint16Array(buffer, byteOffset, values.length);
}

describe('halfBits', () => {
  it('gives each of the 65,536 halves back as it is, a NaN as the quiet one', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const expected = isNaNBits(bits) ? 0x7e00 : bits;
      expect(halfBits(halfValue(bits))).toBe(expected);
    }
  });

  it('rounds what lies half-way to the even neighbour, and what lies beside it to the nearer', () => {
    for (let bits = 0; bits < INFINITY - 1; bits++) {
      const middle = (halfValue(bits) + halfValue(bits + 1)) / 2;
      const even = bits % 2 === 0 ? bits : bits + 1;
      expect([halfBits(middle), halfBits(-middle)]).toEqual([even, even | 0x8000]);
      expect([halfBits(neighbour(middle, -1)), halfBits(neighbour(middle, 1))]).toEqual([bits, bits + 1]);
    }
  });

  it('overflows half-way beyond the largest half, and keeps signs of zeros', () => {
    expect(halfValue(INFINITY - 1)).toBe(largestHalf);
    expect([65_519.99, 65_520, 1e30, -65_520, Infinity].map(halfBits)).toEqual([
      INFINITY - 1,
      INFINITY,
      INFINITY,
      INFINITY | 0x8000,
      INFINITY,
    ]);
    expect([2 ** -25, 2 ** -26, -(2 ** -40), -0].map(halfBits)).toEqual([0, 0, 0x8000, 0x8000]);
  });

  it("rounds as ONNX Runtime's Cast does", async () => {
    const next = random(3);
    const values = Float32Array.from({ length: 200_000 }, () => (next() - 0.5) * 2 ** (48 * next() - 30));
    expect(Uint16Array.from(values, halfBits)).toEqual(Uint16Array.from(await castByRuntime(values)));
  });
});
