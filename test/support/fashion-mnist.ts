import { fileURLToPath } from 'node:url';

const file = (name: string) => fileURLToPath(new URL(`../../examples/fashion-mnist/${name}`, import.meta.url));

/** The example's model and test images. */
export const fashionMnist = {
  model: file('cnn-sigma-0.25.onnx'),
  dataset: file('images.idx.gz'),
  labels: file('labels.idx.gz'),
  sigma: 0.25,
};

/** The example's other model, trained with more noise: better at sigma 0.5. */
export const modelForSigma050 = file('cnn-sigma-0.50.onnx');
