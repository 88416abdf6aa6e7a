export { certifyDataset } from './certify-dataset.ts';
export { certifyRange } from './certify-range.ts';
export { retryRun } from './retry-run.ts';
