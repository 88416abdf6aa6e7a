/** `npm run bench -- NAME`: one benchmark a file, each prints its own table. */
import { benchAutoscale } from './autoscale.ts';
import { benchDatasets } from './datasets.ts';
import { benchGpu } from './gpu.ts';
import { benchNoise } from './noise.ts';
import { benchPipeline } from './pipeline.ts';
import { benchSampling } from './sampling.ts';
import { benchScale } from './scale.ts';
import { benchSequential } from './sequential.ts';

const benchmarks: Record<string, (args: readonly string[]) => void | Promise<void>> = {
  autoscale: benchAutoscale,
  datasets: benchDatasets,
  gpu: benchGpu,
  noise: benchNoise,
  pipeline: benchPipeline,
  sampling: benchSampling,
  scale: benchScale,
  sequential: benchSequential,
};

const name = process.argv[2] ?? '';
if (!Object.hasOwn(benchmarks, name)) {
  process.stderr.write(`Which benchmark? npm run bench -- ${Object.keys(benchmarks).join(' | ')}\n`);
  process.exitCode = 2;
} else {
  await benchmarks[name](process.argv.slice(3));
  // Nothing that was given up on the way is waited for.
  process.exit();
}
