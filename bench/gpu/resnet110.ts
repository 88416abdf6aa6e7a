import { networkBuilder } from './network-builder.ts';

/** Basic blocks in each of the three stages: 6 · 18 + 2 = 110 layers. */
const BLOCKS = 18;
const widths = [16, 32, 64];
const CLASSES = 10;

/**
 * The ResNet-110 for CIFAR-10 that Cohen et al. 2019 certify, at 3×32×32 with random weights: He et al. 2015 (arXiv 1512.03385,
 * §4.2), where stages begin with a convolution in the shortcut too, as in `cifar_resnet110` of the paper's code. Its
 * weights have that code's names; CIFAR-10's normalisation comes first.
 */
export function resnet110(seed = 1): Uint8Array {
  const network = networkBuilder(seed);
  const scale = 1 / Math.sqrt(BLOCKS * widths.length);
  let last = network.normalise('input', [0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.201]);
  last = network.convolve(last, 'conv1', { from: 3, to: 16, kernel: 3, stride: 1 });
  last = network.relu(network.batchNorm(last, 'bn1', 16));
  let channels = 16;
  widths.forEach((width, stage) => {
    for (let block = 0; block < BLOCKS; block++) {
      const name = `layer${stage + 1}.${block}`;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      let inner = network.convolve(last, `${name}.conv1`, { from: channels, to: width, kernel: 3, stride });
      inner = network.relu(network.batchNorm(inner, `${name}.bn1`, width));
      inner = network.convolve(inner, `${name}.conv2`, { from: width, to: width, kernel: 3, stride: 1 });
      inner = network.batchNorm(inner, `${name}.bn2`, width, scale);
      if (channels !== width) {
        last = network.convolve(last, `${name}.downsample.0`, { from: channels, to: width, kernel: 1, stride });
        last = network.batchNorm(last, `${name}.downsample.1`, width);
      }
      last = network.relu(network.add(inner, last));
      channels = width;
    }
  });
  network.classify(last, 'fc', channels, CLASSES);
  return network.model({ shape: [3, 32, 32], classes: CLASSES });
}
