import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that take minutes: begun first, as one of them begun last is waited for alone. */
const LONG = /\/test\/(pipeline|faults|audits|browser|certification\/oracles|cli|image|cluster)/;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/** What needs the packages of infra/. */
const INFRA = ['infra/test/**/*.test.ts'];
/** What needs the images. */
const IMAGE = ['test/image/**/*.test.ts'];
/** What needs a Kubernetes. */
const CLUSTER = ['test/cluster/**/*.test.ts'];

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'main', include: ['test/**/*.test.ts'], exclude: [...IMAGE, ...CLUSTER] } },
      { extends: true, test: { name: 'infra', include: INFRA } },
      {
        extends: true,
        test: { name: 'image', include: IMAGE, globalSetup: ['test/image/support/global-setup.ts'] },
      },
      {
        extends: true,
        test: { name: 'cluster', include: CLUSTER, globalSetup: ['test/cluster/support/global-setup.ts'] },
      },
    ],
    globalSetup: ['test/support/global-setup-s3.ts'],
    // Many tests wait for other processes: more files at a time than cores, and patience on a busy machine.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    // Files that use a cluster which is there already do so one after the other.
    fileParallelism: !process.env.PERIMETER_TEST_KUBECONFIG,
    sequence: { sequencer: LongFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
