import type { Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { inspectModel } from '../../certification/classifier/graph/inspect-model.ts';
import { decodeModel, makeNode, makeValueInfo } from '../../certification/classifier/graph/onnx.ts';
import { renameTensors } from '../../certification/classifier/graph/rename-tensors.ts';
import { conditionalModel } from '../models/conditional-model.ts';
import { denoiserModel } from '../models/denoiser-model.ts';
import { runModel } from '../models/run-model.ts';

import {
  FLOAT,
  shape,
  stack,
  tinyClassifier,
  changed,
  input,
  apply,
  expectComposition,
  elementwise,
} from './stacked.ts';

describe('stackModels gives what the classifier makes of the denoised image, bit for bit,', () => {
  test.each([11, 17, 21])('of models that call their tensors and nodes alike, opset %i', async (opset) => {
    const version = { opset, irVersion: opset === 21 ? 10 : 8 };
    const classifier = tinyClassifier(version);
    const stacked = await expectComposition(denoiserModel(version), classifier, [5, ...shape]);
    const { graph } = decodeModel(stacked);
    const names = graph?.node.map(({ name }) => name) ?? [];
    expect(new Set(names).size).toBe(names.length);
    // No more is renamed than has to be.
    expect(graph?.initializer.map(({ name }) => name)).toEqual([
      ...['conv0.weight', 'conv0.bias', 'conv1.weight', 'conv1.bias'],
      ...['conv0.weight', 'conv0.bias', 'conv1.weight', 'conv1.bias'].map((name) => `classifier_${name}`),
      ...['linear.weight', 'linear.bias'],
    ]);
    expect(inspectModel(stacked)).toMatchObject({
      input: { name: 'input', dims: ['N', ...shape] },
      output: { name: 'logits', dims: ['N', 10] },
      layout: 'NCHW',
      batch: null,
      ...version,
    });
    expect(inspectModel(stacked).nodes).toBe(4 + inspectModel(classifier).nodes);
  });

  test.each(['logits', 'mean', 'linear.weight', 'input', 'conv0'])(
    "where the classifier uses the name of the denoiser's output, %s",
    async (name) => {
      const denoiser = changed(denoiserModel({ output: 'y' }), ({ graph }) => {
        if (graph !== undefined)
          renameTensors(
            graph,
            new Map([
              [name, 'first'],
              ['y', name],
            ]),
          );
      });
      await expectComposition(denoiser, tinyClassifier(), [4, ...shape]);
    },
  );

  test('of one model stacked on itself', async () => {
    const model = elementwise([
      makeNode('Sin', { input: ['input'], output: ['inner'] }),
      makeNode('Exp', { input: ['inner'], output: ['logits'] }),
    ]);
    const stacked = await expectComposition(model, model, [4, 3]);
    await expectComposition(stacked, model, [4, 3]);
    await expectComposition(model, stacked, [4, 3]);
  });

  test('where a name with the prefix is taken too', async () => {
    const denoiser = elementwise([
      makeNode('Sin', { input: ['input'], output: ['classifier_inner'] }),
      makeNode('Exp', { input: ['classifier_inner'], output: ['inner'] }),
      makeNode('Neg', { input: ['inner'], output: ['logits'] }),
    ]);
    const classifier = elementwise([
      makeNode('Exp', { input: ['input'], output: ['inner'] }),
      makeNode('Sin', { input: ['inner'], output: ['classifier_classifier_inner'] }),
      makeNode('Neg', { input: ['classifier_classifier_inner'], output: ['logits'] }),
    ]);
    await expectComposition(denoiser, classifier, [4, 3]);
  });

  test('where either hands its input straight on', async () => {
    const aside = makeNode('Sin', { input: ['input'], output: ['aside'] });
    const nothing = elementwise([aside], { output: 'input' });
    const sine = elementwise([makeNode('Sin', { input: ['input'], output: ['logits'] })]);
    await expectComposition(nothing, sine, [4, 3]);
    await expectComposition(sine, nothing, [4, 3]);
  });

  test.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('where bodies of If capture tensors of the same names (%s, %s)', async (first, second) => {
    const [denoiser, classifier] = [first, second].map((negated) =>
      conditionalModel({ classes: 3, batch: 2, negated }),
    );
    const stacked = await expectComposition(denoiser, classifier, [2, 3]);
    const x = input([2, 3]);
    const sign = first === second ? 1 : -1;
    expect((await apply(stacked, x)).data).toEqual((x.data as Float32Array).map((value) => sign * value));
    expect(inspectModel(stacked)).toMatchObject({ batch: 2, operators: { If: 2, Neg: 2 } });
  });

  test('where the body of an If captures the image itself, by a name that the denoiser uses', async () => {
    const classifier = conditionalModel({ classes: 3, batch: 2, negated: true, input: 'inner' });
    const denoiser = elementwise(
      [
        makeNode('Sin', { input: ['input'], output: ['inner'] }),
        makeNode('Exp', { input: ['inner'], output: ['one'] }),
      ],
      { output: 'one' },
    );
    await expectComposition(denoiser, classifier, [2, 3]);
  });

  test('with the weights listed as inputs, as IR versions before 4 demand', async () => {
    const listed = (bytes: Uint8Array) =>
      changed(bytes, ({ graph }) => {
        for (const { name, dims } of graph?.initializer ?? []) {
          graph?.input.push(makeValueInfo(name, FLOAT, dims.map(Number)));
        }
      });
    const version = { opset: 11, irVersion: 3 };
    const stacked = await expectComposition(listed(denoiserModel(version)), listed(tinyClassifier(version)), [
      2,
      ...shape,
    ]);
    expect(inspectModel(stacked)).toMatchObject({ irVersion: 3, input: { name: 'input' } });
    await expectComposition(listed(denoiserModel(version)), tinyClassifier({ opset: 11 }), [2, ...shape]);
  });

  test('of the outputs that are named, where there are several', async () => {
    const several = elementwise([
      makeNode('Sin', { input: ['input'], output: ['sine'] }),
      makeNode('Exp', { input: ['sine'], output: ['logits'] }),
    ]);
    const both = changed(several, ({ graph }) => graph?.output.push(makeValueInfo('sine', FLOAT, ['N', 3])));
    expect(() => stack(both, several)).toThrow(
      "d.onnx has 2 outputs ('logits', 'sine'): name the one with the denoised image.",
    );
    expect(() => stack(several, both)).toThrow(
      "c.onnx has 2 outputs ('logits', 'sine'): name the one with a value a class.",
    );
    const x = input([4, 3]);
    const sine = (tensor: Tensor) => runModel(both, { input: tensor }).then((outputs) => outputs.sine);
    const names = { denoiser: { output: 'sine' }, classifier: { output: 'sine' } };
    expect((await apply(stack(both, both, names), x)).data).toEqual((await sine(await sine(x))).data);
    expect(() => stack(several, several, { denoiser: { input: 'x' } })).toThrow(
      "d.onnx has no input 'x': its input is 'input'.",
    );
    expect(() => stack(several, several, { classifier: { input: 'x' } })).toThrow(
      "c.onnx has no input 'x': its input is 'input'.",
    );
  });
});
