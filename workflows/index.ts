export { auditModel } from './audit-model.ts';
export { certifyDataset } from './certify-dataset.ts';
export { certifyRange } from './certify-range.ts';
export { retryRun } from './retry-run.ts';
