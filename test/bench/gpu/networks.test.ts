import { Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { benchmarkedModels } from '../../../bench/gpu/benchmarked-model.ts';
import { countMultiplyAdds } from '../../../bench/gpu/count-multiply-adds.ts';
import { inspectModel } from '../../../certification/classifier/graph/inspect-model.ts';
import { decodeModel } from '../../../certification/classifier/graph/onnx.ts';
import { cnnModel, tinyCnn } from '../../models/cnn-model.ts';
import { random } from '../../models/random.ts';
import { runModel } from '../../models/run-model.ts';

/**
 * Parameters as their authors count them (torchvision's documentation of `resnet50`; He et al. 2015, table 6, "1.7M"), and
 * multiply-adds of one example (the same: 4.09 G; "253 M" follows from the layers' sizes).
 */
const published = {
  resnet50: { parameters: 25_557_032, multiplyAdds: 4_089_184_256 },
  resnet110: { parameters: 1_730_714, multiplyAdds: 253_149_824 },
};

describe.each(benchmarkedModels)('the $name of the GPU benchmark', ({ name, make, side, classes, sigma }) => {
  const bytes = make();

  it('has the parameters and the multiply-adds of its architecture', () => {
    const trained = (decodeModel(bytes).graph?.initializer ?? []).filter(
      (tensor) => !/running_|normalise/.test(tensor.name),
    );
    const parameters = trained.reduce(
      (sum, { dims }) => sum + dims.reduce((product, size) => product * Number(size), 1),
      0,
    );
    expect(parameters).toBe(published[name].parameters);
    expect(countMultiplyAdds(bytes)).toBe(published[name].multiplyAdds);
  });

  it('is a classifier that can be certified', () => {
    expect(inspectModel(bytes)).toMatchObject({ shape: [3, side, side], classes, batch: null, layout: 'NCHW' });
  });

  it('gives logits of a trained network’s size, which depend on the picture', async () => {
    const uniform = random(7);
    const data = Float32Array.from({ length: 2 * 3 * side * side }, () => uniform() + sigma * (2 * uniform() - 1));
    const { logits } = await runModel(bytes, { input: new Tensor('float32', data, [2, 3, side, side]) });
    const values = [...(logits.data as Float32Array)];
    const largest = Math.max(...values.map(Math.abs));
    expect(largest).toBeGreaterThan(1);
    expect(largest).toBeLessThan(100);
    const differences = values.slice(0, classes).map((value, at) => Math.abs(value - values[classes + at]));
    expect(Math.max(...differences)).toBeGreaterThan(0.01);
  });

  it('is the same each time', () => {
    expect(Buffer.compare(bytes, make())).toBe(0);
  });
});

describe('counting multiply-adds', () => {
  it('follows strides, and counts the linear layer', () => {
    // 16×16 of 4 channels from 3, 8×8 of 8 from 4, and 8 features to 10 classes.
    const multiplyAdds = 16 * 16 * 4 * 3 * 9 + 8 * 8 * 8 * 4 * 9 + 8 * 10;
    expect(countMultiplyAdds(cnnModel({ convolutions: tinyCnn }))).toBe(multiplyAdds);
  });

  it('refuses an operator that it doesn’t know rather than leave it out', () => {
    const normalised = cnnModel({ convolutions: tinyCnn, endsWithSoftmax: true });
    expect(() => countMultiplyAdds(normalised)).toThrow('The shape that Softmax (logits) gives');
  });
});
