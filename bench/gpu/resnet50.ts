import { networkBuilder } from './network-builder.ts';

/** Bottleneck blocks in each stage. */
const stages = [3, 4, 6, 3];
/** A block's output is so many times as wide as its inner layers. */
const EXPANSION = 4;
const CLASSES = 1_000;

/**
 * ResNet-50 at 3×224×224 with random weights: He et al. 2015 (arXiv 1512.03385), with the stride in the 3×3 convolution as
 * torchvision's `resnet50` has it. Its weights have torchvision's names; ImageNet's normalisation comes first.
 */
export function resnet50(seed = 1): Uint8Array {
  const network = networkBuilder(seed);
  // So the sum of all residuals is about as large as what they are added to.
  const scale = 1 / Math.sqrt(stages.reduce((sum, blocks) => sum + blocks, 0));
  let last = network.normalise('input', [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
  last = network.convolve(last, 'conv1', { from: 3, to: 64, kernel: 7, stride: 2 });
  last = network.maxPool(network.relu(network.batchNorm(last, 'bn1', 64)));
  let channels = 64;
  stages.forEach((blocks, stage) => {
    const width = 64 * 2 ** stage;
    const to = EXPANSION * width;
    for (let block = 0; block < blocks; block++) {
      const name = `layer${stage + 1}.${block}`;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      let inner = network.convolve(last, `${name}.conv1`, { from: channels, to: width, kernel: 1, stride: 1 });
      inner = network.relu(network.batchNorm(inner, `${name}.bn1`, width));
      inner = network.convolve(inner, `${name}.conv2`, { from: width, to: width, kernel: 3, stride });
      inner = network.relu(network.batchNorm(inner, `${name}.bn2`, width));
      inner = network.convolve(inner, `${name}.conv3`, { from: width, to, kernel: 1, stride: 1 });
      inner = network.batchNorm(inner, `${name}.bn3`, to, scale);
      if (block === 0) {
        last = network.convolve(last, `${name}.downsample.0`, { from: channels, to, kernel: 1, stride });
        last = network.batchNorm(last, `${name}.downsample.1`, to);
      }
      last = network.relu(network.add(inner, last));
      channels = to;
    }
  });
  network.classify(last, 'fc', channels, CLASSES);
  return network.model({ shape: [3, 224, 224], classes: CLASSES });
}
